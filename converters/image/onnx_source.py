"""Any ONNX classifier of a user's, taken in through a process of its own."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import onnx

from converters.errors import ModelError
from converters.image import onnx_intake
from converters.image.core import NORMALISATIONS, Core
from preprocessing.image import ImageSpec

_TIMEOUT = 600.0  # seconds; the largest files that protobuf allows take one


def load(path: Path, preprocess: str, resize: int | None = None) -> Core:
    """The model in `path`, whose input is normalised as `preprocess` (a key of NORMALISATIONS) says.

    `resize` is the shorter side to which pictures are scaled before the middle is cut out, by default 256.
    Raises ModelError when the file is no classifier that can be served.
    """
    if preprocess not in NORMALISATIONS:
        raise ModelError(f"--preprocess {preprocess} is unknown", hint=f"take one of {', '.join(NORMALISATIONS)}")
    try:
        spec = ImageSpec() if resize is None else ImageSpec(resize=resize)
    except ValueError as reason:
        raise ModelError(
            f"--resize {resize} is impossible: {reason}", hint="256 is what most classifiers want"
        ) from reason
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "model.onnx")
        softmax = _take_in(path, target, preprocess)
        model = onnx.load(target)
    return Core(model, NORMALISATIONS[preprocess], softmax, spec, framework="onnx", weights=path.name, reference=None)


def _take_in(path: Path, target: Path, preprocess: str) -> bool:
    """Whether the output is probabilities."""
    command = [sys.executable, "-m", onnx_intake.__name__, str(path.absolute()), str(target), preprocess]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_TIMEOUT)
    except subprocess.TimeoutExpired as late:
        raise ModelError(f"{path.name} was not understood within {_TIMEOUT:.0f} s", hint="is it this file?") from late
    try:
        verdict = json.loads(done.stdout)
    except ValueError as broken:
        raise ModelError(
            f"checking {path.name} ended with {_ending(done)}",
            hint="is it a damaged file, or too large for the memory?",
        ) from broken
    if "error" in verdict:
        raise ModelError(f"{path.name}: {verdict['error']}", hint=verdict["hint"])
    return bool(verdict["softmax"])


def _ending(done: "subprocess.CompletedProcess[bytes]") -> str:
    """How the process ended: its last line, or the signal that ended it."""
    if done.returncode < 0:
        return f"signal {-done.returncode}"
    return (done.stderr.decode(errors="replace").strip().splitlines() or [f"status {done.returncode}"])[-1]
