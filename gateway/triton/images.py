"""The image classifier behind Triton: `image` UINT8 [N,224,224,3] RGB to `probabilities` FP32 [N,1000]."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tritonclient.grpc import service_pb2

from gateway.errors import ModelFaultError
from gateway.inference import Reply, Served
from gateway.telemetry.trace import Trace
from gateway.triton.channel import Knows, TritonChannel, everything
from gateway.triton.engine import Engine, engine_of
from gateway.triton.outputs import matrix, outputs

SIDE = 224  # pixels
CLASSES = 1000

Pixels = NDArray[np.uint8]  # [224,224,3] RGB, C-contiguous
Probabilities = NDArray[np.float32]  # [1000]

_ROUNDING = 1e-5  # a softmax may end a few last bits above 1
_SUM = 1e-2  # half precision adds up to 1 within this

# Field 7 of a ModelInferRequest, raw_input_contents, as a length-delimited value. A protobuf message is the
# concatenation of its fields, so a message without this field and this field make the whole message.
# https://protobuf.dev/programming-guides/encoding/
_RAW_INPUT_CONTENTS = bytes([7 << 3 | 2])


class ImageClassifier:
    """Classifies images that are ready for the model."""

    def __init__(self, channel: TritonChannel, model: str, knows: Knows = everything) -> None:
        """`knows` tells whether there is a catalog of a version: Tritons that serve another one are asked last."""
        self._channel = channel
        self._model = model
        self._knows = knows

    async def infer(self, inputs: Sequence[Pixels], until: float, trace: Trace | None = None) -> Reply[Probabilities]:
        request = _request(self._model, inputs)
        reply, stand_in = await self._channel.infer(self._model, request, until, trace, self._knows)
        try:
            return Reply(Served(reply.model_version, stand_in), _probabilities(reply, len(inputs)))
        except (KeyError, ValueError, IndexError) as error:
            raise ModelFaultError(f"{self._model}: Triton's reply breaks the contract ({error}).") from None

    async def engine(self, served: Served | None, until: float) -> Engine:
        """Ask what runs a version of the model; None stands for the one that whichever Triton prefers."""
        return engine_of((await self._channel.config(self._model, served, until)).config)


def _request(model: str, images: Sequence[Pixels]) -> bytes:
    """Return a serialized ModelInferRequest. Its pixels are copied once: protobuf would take three copies for that."""
    head = service_pb2.ModelInferRequest(model_name=model)
    head.inputs.add(name="image", datatype="UINT8", shape=(len(images), *images[0].shape))
    head.outputs.add(name="probabilities")
    size = sum(image.nbytes for image in images)
    return b"".join([head.SerializeToString(), _RAW_INPUT_CONTENTS, _varint(size), *(image.data for image in images)])


def _varint(value: int) -> bytes:
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)


def _probabilities(reply: Any, rows: int) -> list[Probabilities]:
    found = matrix(outputs(reply), "probabilities", "FP32", "<f4", rows)
    if found.shape[1] != CLASSES:
        raise ValueError(f"probabilities has {found.shape[1]} classes, not {CLASSES}")
    if not ((found >= 0) & (found <= 1 + _ROUNDING)).all():  # false for NaN, too
        raise ValueError("a probability is not between 0 and 1")
    if np.abs(found.sum(axis=1, dtype=np.float64) - 1).max() > _SUM:
        raise ValueError("the probabilities of an image do not add up to 1")
    return list(np.minimum(found, 1))
