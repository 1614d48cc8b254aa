"""Triton itself as a target: what is sent to a model follows from the inputs that it says it has."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import grpc
from tritonclient.grpc import service_pb2

from loadtest.errors import LoadTestError
from loadtest.faq.questions import triton_messages as question_messages
from loadtest.grpc_driver import MODEL_INFER, OPTIONS
from loadtest.images.engines import Images
from loadtest.images.in_process import tensors
from loadtest.images.messages import triton_messages as image_messages
from loadtest.load.grpc_service import Messages, check_address, failures_named
from loadtest.load.service import PATIENCE
from preprocessing.image import ImageError, ImageSpec

_SERVICE = "/inference.GRPCInferenceService/"
_KNOWN = "models whose only input is called question or image can be loaded"


class Described(NamedTuple):
    """A served model: its only input's name and shape, and the versions of model and server."""

    model: str
    input: str
    shape: tuple[int, ...]
    triton: str


def describe(address: str, model: str) -> Described:
    """Ask Triton what a model takes. Raises LoadTestError when nobody answers, or there is no such model."""
    check_address(address)
    with grpc.insecure_channel(address, OPTIONS) as channel, failures_named(address):
        server = _ask(channel, "ServerMetadata", service_pb2.ServerMetadataRequest())
        found = _ask(channel, "ModelMetadata", service_pb2.ModelMetadataRequest(name=model))
    if len(found.inputs) != 1:
        raise LoadTestError(f"{model} has {len(found.inputs)} inputs", _KNOWN)
    (tensor,) = found.inputs
    return Described(model, tensor.name, tuple(tensor.shape), server.version)


def messages(
    described: Described, questions: Callable[[], Sequence[str]], pictures: Callable[[], Sequence[bytes]], batch: int
) -> Messages:
    """Return what a model is sent: questions or decoded pictures. Raises LoadTestError for other inputs."""
    if described.input == "question":
        made = question_messages(questions(), described.model, batch)
    elif described.input == "image":
        made = image_messages(_tensors(pictures(), described), described.model, batch)
    else:
        raise LoadTestError(f"{described.model} has an input called {described.input}", _KNOWN)
    return Messages(f"triton {described.model}", MODEL_INFER, made, batch, partial(_served, described.triton))


def _served(triton: str, reply: bytes) -> dict[str, str]:
    message = service_pb2.ModelInferResponse.FromString(reply)
    return {"triton": triton, message.model_name: message.model_version}


def _ask(channel: grpc.Channel, method: str, request: Any) -> Any:
    kind = getattr(service_pb2, f"{method}Response")
    call: Any = channel.unary_unary(
        _SERVICE + method, request_serializer=type(request).SerializeToString, response_deserializer=kind.FromString
    )
    return call(request, timeout=PATIENCE)


def _tensors(pictures: Sequence[bytes], described: Described) -> Images:
    # How a picture is resized makes no difference to the model's time.
    crop = described.shape[-2]
    try:
        return tensors(pictures, ImageSpec(resize=crop, crop=crop))
    except ImageError as error:
        raise LoadTestError(f"a picture cannot be decoded: {error}", "see that the files are good") from None
