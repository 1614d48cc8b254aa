"""What a user can ask of `scoring convert resnet152`, checked for contradictions before anything is loaded."""

from dataclasses import dataclass
from pathlib import Path

from converters.errors import ConversionError
from converters.image.core import NORMALISATIONS

FRAMEWORKS = ("torch", "keras")
PRECISIONS = ("fp32", "fp16", "int8")
PREPROCESSING = tuple(NORMALISATIONS)
_HELP = "scoring convert resnet152 --help explains each option"


@dataclass(frozen=True)
class Options:
    """Without `weights` the official ones are tried; `onnx` is a file in place of framework and weights.

    `cores` None leaves the configs of the CPU pools with the number that they have.
    """

    weights: str | None = None
    framework: str | None = None
    onnx: Path | None = None
    preprocess: str | None = None
    resize: int | None = None
    precision: str = "fp32"
    calibration: Path | None = None
    least_agreement: float = 0.98
    force: bool = False
    cores: int | None = None
    seed: int = 0

    @property
    def source(self) -> str:
        """Where the network comes from: "torch", "keras" or "onnx"."""
        return "onnx" if self.onnx else self.framework or FRAMEWORKS[0]

    @property
    def asks_for_nothing(self) -> bool:
        """Whether these are the options of `make serve`: any good version will do."""
        return self == Options(force=self.force, cores=self.cores, seed=self.seed)


def check(options: Options) -> None:
    """Raise ConversionError for options that contradict each other."""
    unknown = [
        (name, given, known)
        for name, given, known in (
            ("--framework", options.framework, FRAMEWORKS),
            ("--preprocess", options.preprocess, PREPROCESSING),
            ("--precision", options.precision, PRECISIONS),
        )
        if given is not None and given not in known
    ]
    for name, given, known in unknown:
        raise ConversionError(f"{name} {given} is unknown", hint=f"take one of {', '.join(known)}")
    for wrong, message in _contradictions(options):
        if wrong:
            raise ConversionError(message, hint=_HELP)


def _contradictions(options: Options) -> list[tuple[bool, str]]:
    onnx = options.onnx is not None
    return [
        (onnx and options.framework is not None, "--onnx and --framework exclude each other: the file is the network"),
        (onnx and options.weights is not None, "--onnx and --weights exclude each other: the file holds its weights"),
        (
            onnx and options.preprocess is None,
            f"--onnx needs --preprocess, how its inputs are normalised: {', '.join(PREPROCESSING)}",
        ),
        (not onnx and options.preprocess is not None, "--preprocess belongs to --onnx: other sources know their own"),
        (not onnx and options.resize is not None, "--resize belongs to --onnx: other sources know their own"),
        (
            options.precision == "int8" and options.calibration is None,
            "--precision int8 needs --calibration, a folder with some hundred pictures",
        ),
        (
            options.precision == "fp32" and options.calibration is not None,
            "--calibration is for --precision int8 and fp16: fp32 has nothing to calibrate",
        ),
    ]
