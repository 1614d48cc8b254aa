"""A Triton that serves a five-entry FAQ and an image classifier: a real gRPC server that speaks KServe v2.

Faults are switched on by its fields.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

import grpc
import numpy as np
from numpy.typing import NDArray
from tritonclient.grpc import service_pb2, service_pb2_grpc

from preprocessing.text import canonical
from tests.gateway import image_model
from tests.gateway.faq import ENTRIES, GOLDEN

MODEL = "faq_matcher"
IMAGE_MODEL = "resnet152"


@dataclass
class FakeTriton(service_pb2_grpc.GRPCInferenceServiceServicer):  # type: ignore[misc]  # the stubs are untyped
    """Ranks by shared words, classifies by colour. Tests change its fields while it runs."""

    version: str = "1"
    delay: float = 0.0  # seconds that a call takes
    status: grpc.StatusCode | None = None  # what calls fail with
    probability: float | None = None  # what it returns instead of the true probabilities
    shift: int = 0  # added to all ids, as `write_version` does
    drop_output: bool = False
    calls: list[list[str]] = field(default_factory=list)  # the questions of every call
    image_version: str = "1"
    image_delay: float = 0.0  # seconds that a call with images takes
    image_status: grpc.StatusCode | None = None
    spoil: Callable[[NDArray[np.float32]], NDArray[Any]] | None = None  # what becomes of the images' probabilities
    image_backend: str = "onnxruntime"
    image_batch: int = 16  # max_batch_size
    image_calls: list[list[int]] = field(default_factory=list)  # the classes of the images of every call
    config_calls: list[str] = field(default_factory=list)  # the versions whose configuration was asked for
    url: str = ""
    _server: grpc.aio.Server | None = None

    async def ServerLive(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        return service_pb2.ServerLiveResponse(live=True)

    async def ServerReady(self, request: Any, context: Any) -> Any:  # noqa: N802
        return service_pb2.ServerReadyResponse(ready=True)

    async def ModelReady(self, request: Any, context: Any) -> Any:  # noqa: N802
        return service_pb2.ModelReadyResponse(ready=request.name in {MODEL, IMAGE_MODEL})

    async def ModelConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        if request.name != IMAGE_MODEL:
            await context.abort(grpc.StatusCode.NOT_FOUND, f"Request for unknown model: '{request.name}'")
        if self.image_status is not None:
            await context.abort(self.image_status, "secret detail")
        self.config_calls.append(request.version)
        config = {"name": IMAGE_MODEL, "backend": self.image_backend, "max_batch_size": self.image_batch}
        return service_pb2.ModelConfigResponse(config=config)

    async def ModelInfer(self, request: Any, context: Any) -> Any:  # noqa: N802
        if request.model_name == IMAGE_MODEL:
            return await self._classify(request, context)
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

    @property
    def images(self) -> list[int]:
        """The class of every image that reached this Triton, but for the golden one."""
        return [number for call in self.image_calls for number in call if number != image_model.GOLDEN]

    def _reply(self, version: str, questions: Sequence[str]) -> Any:
        ranked = [_rank(question) for question in questions]
        reply = service_pb2.ModelInferResponse(model_name=MODEL, model_version=version)
        shape = (len(questions), len(ENTRIES))
        reply.outputs.add(name="ids", datatype="INT64", shape=shape)
        reply.raw_output_contents.append((np.array([ids for ids, _ in ranked], "<i8") + self.shift).tobytes())
        if not self.drop_output:
            probabilities = np.array([row for _, row in ranked], "<f4")
            if self.probability is not None:
                probabilities[:] = self.probability
            reply.outputs.add(name="probabilities", datatype="FP32", shape=shape)
            reply.raw_output_contents.append(probabilities.tobytes())
        return reply

    async def _classify(self, request: Any, context: Any) -> Any:
        images = _pixels(request)
        if self.image_batch and len(images) > self.image_batch:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "inference request batch-size must be <= 16")
        probabilities = image_model.classify(images)
        self.image_calls.append(probabilities.argmax(axis=1).tolist())
        version, status = self.image_version, self.image_status
        await asyncio.sleep(self.image_delay)
        if status is not None:
            await context.abort(status, "secret detail")
        given = probabilities if self.spoil is None else self.spoil(probabilities)
        reply = service_pb2.ModelInferResponse(model_name=IMAGE_MODEL, model_version=version)
        reply.outputs.add(name="probabilities", datatype="FP32", shape=given.shape)
        reply.raw_output_contents.append(given.astype("<f4").tobytes())
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


def _pixels(request: Any) -> NDArray[np.uint8]:
    (tensor,), (raw,) = request.inputs, request.raw_input_contents
    assert (tensor.name, tensor.datatype, list(tensor.shape[1:])) == ("image", "UINT8", [224, 224, 3])
    assert [output.name for output in request.outputs] == ["probabilities"]
    return np.frombuffer(raw, np.uint8).reshape(tuple(tensor.shape))


def _rank(question: str) -> tuple[list[int], list[float]]:
    words = set(question.split())
    scores = [(len(words & entry.words) / len(words | entry.words), entry.id) for entry in ENTRIES]
    best_first = sorted(scores, key=lambda score: (-score[0], score[1]))
    return [number for _, number in best_first], [score for score, _ in best_first]


@asynccontextmanager
async def running_triton(triton: FakeTriton, port: int = 0) -> AsyncIterator[FakeTriton]:
    """Serve on a free port, or on a given one, until the context ends."""
    options = [("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", -1)]
    triton._server = server = grpc.aio.server(options=options)
    service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(triton, server)
    triton.url = f"127.0.0.1:{server.add_insecure_port(f'127.0.0.1:{port}')}"
    await server.start()
    try:
        yield triton
    finally:
        await triton.stop()
