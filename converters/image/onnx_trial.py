"""Runs an image classifier on a few pictures: what its file promises, its answers have to show."""

from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime

from converters.errors import ModelError
from converters.image.core import CLASSES, Floats
from converters.image.onnx_contract import EXPORT_HINT

_SAME = 1e-3  # of the largest answer; another order of sums stays well below
_BATCHES = (1, 2, 3)


@dataclass(frozen=True)
class Trial:
    """Answers [3, 1000] to the pictures as one batch; `softmax` says that they are probabilities."""

    answers: Floats
    softmax: bool


def try_out(model: onnx.ModelProto, images: Floats) -> Trial:
    """Run three pictures [3, ...] alone, as two and as three.

    Raises ModelError when ONNX Runtime cannot run the model, when a batch of some size fails, when answers are no
    numbers, and when a picture's answer depends on the others of its batch.
    """
    session = _session(model)
    batches = [_run(session, images[:size]) for size in _BATCHES]
    if not all(np.isfinite(answers).all() for answers in batches):
        raise ModelError("its answers to plain pictures are NaN or infinite", hint="check the weights and --preprocess")
    answers = batches[-1]
    for smaller in batches[:-1]:
        if not same(smaller, answers[: len(smaller)]):
            raise ModelError(
                "its answer to a picture depends on the other pictures of the batch",
                hint="export in evaluation mode: model.eval(), training=False",
            )
    return Trial(answers, softmax=bool((answers >= 0).all() and np.allclose(answers.sum(axis=1), 1, atol=1e-3)))


def same(one: Floats, other: Floats) -> bool:
    """Whether two answers differ by no more than rounding."""
    return bool(np.abs(one - other).max() <= _SAME * np.abs(other).max())


def _session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # its errors come as exceptions
    try:
        return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except Exception as reason:  # a class of its own for each status, none of them public
        raise ModelError(f"ONNX Runtime cannot load it: {reason}", hint="is every operator a standard one?") from reason


def _run(session: onnxruntime.InferenceSession, images: Floats) -> Floats:
    try:
        answers = np.asarray(session.run(None, {session.get_inputs()[0].name: images})[0])
    except Exception as reason:  # as above
        raise ModelError(f"it fails on a batch of {len(images)}: {reason}", hint=EXPORT_HINT) from reason
    if answers.shape != (len(images), CLASSES):
        raise ModelError(
            f"it answers a batch of {len(images)} with the shape {list(answers.shape)}, not [{len(images)}, {CLASSES}]",
            hint=EXPORT_HINT,
        )
    return answers
