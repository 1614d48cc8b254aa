"""The FAQ model behind Triton: `question` STRING [N,1] to `ids` INT64 [N,k] and `probabilities` FP32 [N,k].

A STRING tensor's content is, for each element, a little-endian 4-byte length and the bytes.
"""

from collections.abc import Sequence
from struct import Struct
from typing import Any

from tritonclient.grpc import service_pb2

from gateway.errors import ModelFaultError
from gateway.inference import Reply, Served
from gateway.telemetry.trace import Trace
from gateway.triton.channel import Knows, TritonChannel, everything
from gateway.triton.outputs import matrix, outputs

_LENGTH = Struct("<I")

# Ids and probabilities of the k best entries, best first.
Ranking = tuple[list[int], list[float]]


class FaqRanker:
    """Ranks the FAQ's entries for canonical questions (UTF-8)."""

    def __init__(self, channel: TritonChannel, model: str, knows: Knows = everything) -> None:
        """`knows` tells whether there is a catalog of a version: Tritons that serve another one are asked last."""
        self._channel = channel
        self._model = model
        self._knows = knows

    async def infer(self, inputs: Sequence[bytes], until: float, trace: Trace | None = None) -> Reply[Ranking]:
        request = _request(self._model, inputs)
        reply, stand_in = await self._channel.infer(self._model, request.SerializeToString(), until, trace, self._knows)
        try:
            return Reply(Served(reply.model_version, stand_in), _rankings(reply, len(inputs)))
        except (KeyError, ValueError, IndexError) as error:
            raise ModelFaultError(f"{self._model}: Triton's reply breaks the contract ({error}).") from None


def _request(model: str, texts: Sequence[bytes]) -> Any:
    request = service_pb2.ModelInferRequest(model_name=model)
    request.inputs.add(name="question", datatype="BYTES", shape=(len(texts), 1))
    request.outputs.add(name="ids")
    request.outputs.add(name="probabilities")
    request.raw_input_contents.append(b"".join([_LENGTH.pack(len(text)) + text for text in texts]))
    return request


def _rankings(reply: Any, rows: int) -> list[Ranking]:
    found = outputs(reply)
    ids = matrix(found, "ids", "INT64", "<i8", rows)
    probabilities = matrix(found, "probabilities", "FP32", "<f4", rows)
    if ids.shape != probabilities.shape:
        raise ValueError("ids and probabilities differ in shape")
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise ValueError("a probability is not between 0 and 1")
    return list(zip(ids.tolist(), probabilities.tolist(), strict=True))
