"""The image classifier's client against a real gRPC server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import grpc
import numpy as np
import pytest
from numpy.typing import NDArray
from tritonclient.grpc import model_config_pb2

from gateway.errors import DeadlineExceededError, ModelFaultError, ModelUnavailableError
from gateway.inference import Served
from gateway.triton.addresses import parse
from gateway.triton.channel import TritonChannel
from gateway.triton.engine import Engine, engine_of
from gateway.triton.images import ImageClassifier, Pixels
from gateway.triton.statuses import ERRORS
from tests.gateway.fake_triton import FakeTriton, running_triton
from tests.gateway.image_model import classify


@pytest.fixture
async def triton() -> AsyncIterator[FakeTriton]:
    """A Triton of one's own, without a gateway in front that would notice the faults."""
    async with running_triton(FakeTriton()) as triton:
        yield triton


@asynccontextmanager
async def classifier(url: str, model: str = "resnet152") -> AsyncIterator[ImageClassifier]:
    """A client of a Triton."""
    channel = TritonChannel(parse(url))
    yield ImageClassifier(channel, model)
    await channel.close()


def soon(seconds: float = 5.0) -> float:
    """A deadline."""
    return monotonic() + seconds


def noise(count: int) -> list[Pixels]:
    """Images of which every byte counts."""
    return list(np.random.default_rng(count).integers(0, 256, (count, 224, 224, 3), np.uint8))


@pytest.mark.parametrize("count", [1, 2, 3, 16, 40])
@pytest.mark.parametrize("image_batch", [0, 40])
async def test_pixels_arrive_as_they_are(triton: FakeTriton, count: int, image_batch: int) -> None:
    """Images of any number arrive byte by byte, whether the model has a batch size or not; each gets its own row."""
    triton.image_batch = image_batch
    images = noise(count)
    async with classifier(triton.url) as model:
        reply = await model.infer(images, soon())
    assert reply.version == "1"
    np.testing.assert_array_equal(np.stack(reply.rows), classify(np.stack(images)))


async def test_large_batches_pass(triton: FakeTriton) -> None:
    """Neither the request (30 MB) nor the reply meets a limit of gRPC's own."""
    triton.image_batch = 0
    async with classifier(triton.url) as model:
        assert len((await model.infer(noise(1) * 200, soon(20))).rows) == 200


def _with(value: float) -> Callable[[NDArray[np.float32]], NDArray[Any]]:
    def spoil(probabilities: NDArray[np.float32]) -> NDArray[Any]:
        probabilities[-1, 7] = value
        return probabilities

    return spoil


FAULTS: dict[str, tuple[Callable[[NDArray[np.float32]], NDArray[Any]], str]] = {
    "NaN": (_with(float("nan")), "between 0 and 1"),
    "infinite": (_with(float("inf")), "between 0 and 1"),
    "negative": (_with(-0.01), "between 0 and 1"),
    "above one": (_with(1.01), "between 0 and 1"),
    "sum too large": (_with(0.5), "add up to 1"),
    "sum too small": (lambda found: found * 0.9, "add up to 1"),
    "all zero": (np.zeros_like, "add up to 1"),
    "logits": (lambda found: np.log(found + 1e-9), "between 0 and 1"),
    "fewer rows": (lambda found: found[:-1], "not FP32"),
    "more rows": (lambda found: np.concatenate([found, found]), "not FP32"),
    "fewer classes": (lambda found: found[:, :999], "999 classes, not 1000"),
    "more classes": (lambda found: np.pad(found, ((0, 0), (0, 1))), "1001 classes, not 1000"),
    "no class axis": (lambda found: found[:, 0], "not FP32"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_reply_that_breaks_the_contract(triton: FakeTriton, fault: str) -> None:
    """Whatever is wrong with a reply, it is a fault of the model and never becomes an answer."""
    triton.spoil, detail = FAULTS[fault]
    async with classifier(triton.url) as model:
        with pytest.raises(ModelFaultError, match=detail):
            await model.infer(noise(2), soon())


async def test_rounding_is_forgiven(triton: FakeTriton) -> None:
    """Half precision's sums pass, and a probability a last bit above 1 counts as 1."""

    def certain(found: NDArray[np.float32]) -> NDArray[np.float32]:
        found[:] = 0
        found[:, 3] = np.nextafter(np.float32(1), np.float32(2))
        return found

    async with classifier(triton.url) as model:
        triton.spoil = lambda found: found.astype(np.float16)
        await model.infer(noise(2), soon())
        triton.spoil = certain
        assert [row.max() for row in (await model.infer(noise(2), soon())).rows] == [1.0, 1.0]


@pytest.mark.parametrize("status", ERRORS, ids=lambda status: status.name)
async def test_errors_are_translated(triton: FakeTriton, status: grpc.StatusCode) -> None:
    """Whatever the status, a classification and a question for the engine fail with the error that it stands for."""
    triton.image_status = status
    async with classifier(triton.url) as model:
        for call in (model.infer(noise(1), soon()), model.engine(None, soon())):
            with pytest.raises(ERRORS[status][0]) as caught:
                await call
            assert "secret" not in str(caught.value)
            assert caught.value.__cause__ is None


async def test_an_unknown_model(triton: FakeTriton) -> None:
    """A model that Triton does not serve is unavailable, not a fault: it may be on its way."""
    async with classifier(triton.url, "resnet0") as model:
        with pytest.raises(ModelUnavailableError, match="resnet0: Triton does not serve this model"):
            await model.engine(None, soon())


async def test_the_deadline_ends_a_call(triton: FakeTriton) -> None:
    """A Triton that does not answer costs a caller its deadline and no more."""
    triton.image_delay = 30
    async with classifier(triton.url) as model:
        with pytest.raises(DeadlineExceededError):
            await asyncio.wait_for(model.infer(noise(1), soon(0.2)), 20)


async def test_the_engine_of_a_version(triton: FakeTriton) -> None:
    """Triton says what runs a version, and how many images it takes in a call."""
    triton.image_backend, triton.image_batch = "openvino", 0
    async with classifier(triton.url) as model:
        assert await model.engine(Served("3"), soon()) == Engine("openvino-cpu", 0)
    assert "3" in triton.config_calls


ENGINES: dict[str, dict[str, Any]] = {
    "onnxruntime-cpu": {"backend": "onnxruntime", "instance_group": [{"kind": "KIND_CPU", "count": 2}]},
    "onnxruntime-cuda": {"backend": "onnxruntime", "instance_group": [{"kind": "KIND_GPU", "gpus": [0]}]},
    "onnxruntime-tensorrt": {
        "backend": "onnxruntime",
        "instance_group": [{"kind": "KIND_GPU"}],
        "optimization": {"execution_accelerators": {"gpu_execution_accelerator": [{"name": "tensorrt"}]}},
    },
    "onnxruntime-openvino": {
        "backend": "onnxruntime",
        "optimization": {"execution_accelerators": {"cpu_execution_accelerator": [{"name": "openvino"}]}},
    },
    "openvino-cpu": {"backend": "openvino"},
    "tensorrt": {"platform": "tensorrt_plan", "backend": "tensorrt"},
    "unknown": {},
}


@pytest.mark.parametrize("name", ENGINES)
def test_engines_have_names(name: str) -> None:
    """Backend, accelerators and instances of a configuration make the engine's name."""
    config = model_config_pb2.ModelConfig(max_batch_size=16, **ENGINES[name])
    assert engine_of(config) == Engine(name, 16)


def test_a_platform_stands_for_its_backend() -> None:
    """A configuration that names the older `platform` alone is understood."""
    assert engine_of(model_config_pb2.ModelConfig(platform="onnxruntime_onnx")).name == "onnxruntime-cpu"
