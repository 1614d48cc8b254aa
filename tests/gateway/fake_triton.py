"""A Triton that ranks a five-entry FAQ: a real gRPC server that speaks KServe v2, with faults to switch on."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

import grpc
import numpy as np
from tritonclient.grpc import service_pb2, service_pb2_grpc

from preprocessing.text import canonical
from tests.gateway.faq import ENTRIES, GOLDEN

MODEL = "faq_matcher"


@dataclass
class FakeTriton(service_pb2_grpc.GRPCInferenceServiceServicer):  # type: ignore[misc]  # the stubs are untyped
    """Ranks by shared words. Tests change its fields while it runs."""

    version: str = "1"
    delay: float = 0.0  # seconds that a call takes
    status: grpc.StatusCode | None = None  # what calls fail with
    probability: float | None = None  # what it returns instead of the true probabilities
    drop_output: bool = False
    calls: list[list[str]] = field(default_factory=list)  # the questions of every call
    url: str = ""
    _server: grpc.aio.Server | None = None

    async def ServerReady(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        return service_pb2.ServerReadyResponse(ready=True)

    async def ModelReady(self, request: Any, context: Any) -> Any:  # noqa: N802
        return service_pb2.ModelReadyResponse(ready=request.name == MODEL)

    async def ModelInfer(self, request: Any, context: Any) -> Any:  # noqa: N802
        questions = _strings(request)
        self.calls.append(questions)
        version = self.version
        await asyncio.sleep(self.delay)
        if request.model_name != MODEL:
            await context.abort(grpc.StatusCode.NOT_FOUND, f"Request for unknown model: '{request.model_name}'")
        if self.status is not None:
            await context.abort(self.status, f"secret detail about {questions[0]}")
        return self._reply(version, questions)

    def reset(self) -> None:
        """Forget the calls and switch off every fault."""
        for each in fields(FakeTriton):
            if each.name not in {"url", "_server"}:
                setattr(self, each.name, each.default if each.default is not MISSING else [])

    async def stop(self) -> None:
        """Hang up on everyone and leave the port."""
        if self._server is not None:
            await self._server.stop(None)

    @property
    def questions(self) -> list[str]:
        """Every question that reached this Triton, but for the golden one: the gateway asks that by itself."""
        return [question for call in self.calls for question in call if question != canonical(GOLDEN)]

    def _reply(self, version: str, questions: Sequence[str]) -> Any:
        ranked = [_rank(question) for question in questions]
        reply = service_pb2.ModelInferResponse(model_name=MODEL, model_version=version)
        shape = (len(questions), len(ENTRIES))
        reply.outputs.add(name="ids", datatype="INT64", shape=shape)
        reply.raw_output_contents.append(np.array([ids for ids, _ in ranked], "<i8").tobytes())
        if not self.drop_output:
            probabilities = np.array([row for _, row in ranked], "<f4")
            if self.probability is not None:
                probabilities[:] = self.probability
            reply.outputs.add(name="probabilities", datatype="FP32", shape=shape)
            reply.raw_output_contents.append(probabilities.tobytes())
        return reply


def _strings(request: Any) -> list[str]:
    """Decode the one input as strictly as Triton does: a wrong length fails."""
    (tensor,), (raw,) = request.inputs, request.raw_input_contents
    assert (tensor.name, tensor.datatype) == ("question", "BYTES")
    strings, at = [], 0
    while at < len(raw):
        size = int.from_bytes(raw[at : at + 4], "little")
        assert at + 4 + size <= len(raw)
        strings.append(raw[at + 4 : at + 4 + size].decode())
        at += 4 + size
    assert list(tensor.shape) == [len(strings), 1]
    return strings


def _rank(question: str) -> tuple[list[int], list[float]]:
    words = set(question.split())
    scores = [(len(words & entry.words) / len(words | entry.words), entry.id) for entry in ENTRIES]
    best_first = sorted(scores, key=lambda score: (-score[0], score[1]))
    return [number for _, number in best_first], [score for score, _ in best_first]


@asynccontextmanager
async def running_triton(triton: FakeTriton, port: int = 0) -> AsyncIterator[FakeTriton]:
    """Serve on a free port, or on a given one, until the context ends."""
    triton._server = server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(triton, server)
    triton.url = f"127.0.0.1:{server.add_insecure_port(f'127.0.0.1:{port}')}"
    await server.start()
    try:
        yield triton
    finally:
        await triton.stop()
