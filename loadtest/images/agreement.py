"""Proof that all contenders do the same work: the same best class for the same pictures."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

import grpc
import numpy as np
from tritonclient.grpc import service_pb2

from gateway.generated.scoring_pb2 import ClassifyImageReply
from loadtest.errors import LoadTestError
from loadtest.grpc_driver import CLASSIFY_IMAGE, MODEL_INFER
from loadtest.http_driver import Target
from loadtest.images.engines import Engine, Images
from loadtest.images.in_process import probabilities
from loadtest.images.messages import grpc_messages, triton_messages
from loadtest.isolated import isolated
from loadtest.stack import answered

# Fewer bits may move a picture across the border of two classes; the same arithmetic may not.
LEAST_SHARE = 0.95
_TIMEOUT = 60  # seconds

Ask = Callable[[], list[str]]


@dataclass(frozen=True)
class Contender:
    """A service that classifies on one of the engines; `ask` returns the best class (its wnid) of each picture."""

    name: str
    engine: str
    ask: Ask


class Agreement(NamedTuple):
    """How all others answer compared with the first engine.

    `shares` of the pictures have the same best class, by name of engine or contender; `differences` are the largest
    ones of any class's probability, by name of engine.
    """

    shares: dict[str, float]
    differences: dict[str, float]


def compare(
    engines: Sequence[Engine], contenders: Sequence[Contender], images: Images, wnids: Sequence[str], *, trained: bool
) -> Agreement:
    """Ask all of them about the same images [N, height, width, 3].

    Raises LoadTestError when a contender disagrees with its own engine in process, or (a trained model's) engine with
    the first. Between the classes of random weights there is next to nothing, so a few bits decide: those shares are
    reported only.
    """
    known = {engine.name: isolated(probabilities, engine, images) for engine in engines}
    best = {name: [wnids[place] for place in found.argmax(1)] for name, found in known.items()}
    reference = engines[0].name
    agreement = Agreement({}, {})
    for engine in engines[1:]:
        agreement.shares[engine.name] = share(best[engine.name], best[reference])
        agreement.differences[engine.name] = float(np.abs(known[engine.name] - known[reference]).max())
        if trained:
            _require(f"{engine.name} in process", reference, agreement.shares[engine.name], LEAST_SHARE)
    for contender in contenders:
        given = answered(contender.name, contender.ask)
        least = 1.0 if contender.engine == reference else LEAST_SHARE
        _require(contender.name, f"{contender.engine} in process", share(given, best[contender.engine]), least)
        agreement.shares[contender.name] = share(given, best[reference])
    return agreement


def share(given: Sequence[str], expected: Sequence[str]) -> float:
    """Return the share of places at which two lists of equal length are equal."""
    return sum(one == other for one, other in zip(given, expected, strict=True)) / len(expected)


def _require(name: str, reference: str, found: float, least: float) -> None:
    if found < least:
        raise LoadTestError(
            f"{name} gives the class of {reference} for {found:.0%} of the pictures only (needed: {least:.0%})",
            "its figures would compare different work: see that every service runs the same model version",
        )


def serving_engine(target: Target, picture: bytes) -> str:
    """Return what the gateway calls the engine that answers. Raises OSError for any reply but a 200."""
    return str(_post(target, picture)["model"]["engine"])


def ask_http(target: Target, bodies: Sequence[bytes]) -> list[str]:
    """Ask by POST, one after the other. Raises OSError for any reply but a 200."""
    answers = [_post(target, body) for body in bodies]
    results = [result for answer in answers for result in answer.get("results", [answer])]
    return [result["classes"][0]["wnid"] for result in results]


def _post(target: Target, body: bytes) -> Any:
    request = Request(target.url, body, {"content-type": target.media_type})  # noqa: S310  http, to ourselves
    with urlopen(request, timeout=_TIMEOUT) as reply:  # noqa: S310
        return json.load(reply)


def ask_gateway_grpc(address: str, pictures: Sequence[bytes]) -> list[str]:
    """Ask the gateway over gRPC, one after the other. Raises grpc.RpcError."""
    with grpc.insecure_channel(address) as channel:
        call: Any = channel.unary_unary(CLASSIFY_IMAGE, response_deserializer=ClassifyImageReply.FromString)
        replies = [call(message, timeout=_TIMEOUT) for message in grpc_messages(pictures)]
    return [reply.results[0].classes[0].wnid for reply in replies]


def ask_triton(address: str, model: str, images: Images, wnids: Sequence[str]) -> list[str]:
    """Ask Triton over gRPC, one after the other. Raises grpc.RpcError."""
    with grpc.insecure_channel(address) as channel:
        call: Any = channel.unary_unary(MODEL_INFER, response_deserializer=service_pb2.ModelInferResponse.FromString)
        replies = [call(message, timeout=_TIMEOUT) for message in triton_messages(images, model)]
    return [wnids[int(np.frombuffer(reply.raw_output_contents[0], "<f4").argmax())] for reply in replies]
