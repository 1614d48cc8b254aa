"""Proof that all contenders do the same work: each gives the model's own answer to the same questions."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import grpc
import numpy as np
from tritonclient.grpc import service_pb2

from gateway.generated.scoring_pb2 import MatchFaqReply
from loadtest.errors import LoadTestError
from loadtest.faq.in_process import open_session
from loadtest.faq.questions import TOP_K, bodies_2019, grpc_messages, http_bodies, triton_messages
from loadtest.grpc_driver import MATCH_FAQ, MODEL_INFER
from loadtest.http_driver import Target
from loadtest.stack import answered
from preprocessing.text import canonical

Ids = list[int]
Ask = Callable[[Sequence[str]], list[Ids]]


def check(questions: Sequence[str], model: Path, contenders: Mapping[str, Ask]) -> None:
    """Compare the ids of the best matches with the model's. Raises LoadTestError, naming the contender."""
    session = open_session(model, 1)
    expected = []
    for question in questions:
        feed = {"question": np.array([[canonical(question)]], dtype=np.object_)}
        expected.append([int(entry) for entry in session.run(["ids"], feed)[0][0][:TOP_K]])
    for name, ask in contenders.items():
        answers = answered(name, partial(ask, questions))
        wrong = sum(given != right for given, right in zip(answers, expected, strict=True))
        if wrong:
            raise LoadTestError(
                f"{name} answers {wrong} of {len(questions)} questions differently from {model}",
                "its figures would compare different work: see that every service runs the same model version",
            )


def check_ranking(target: Target, questions: Sequence[str], entries: int) -> None:
    """See that a service of 2019, another model, ranks all entries for each question. Raises LoadTestError."""
    for body in bodies_2019(questions):
        rows = answered(target.url, partial(_post, target.url, body))
        probabilities = [probability for _, _, probability in rows]
        if len({entry for entry, _, _ in rows}) != entries or probabilities != sorted(probabilities, reverse=True):
            raise LoadTestError(
                f"{target.url} does not rank all {entries} entries", "its figures would compare different work"
            )


def ask_http(url: str, questions: Sequence[str]) -> list[Ids]:
    """Ask by POST, one after the other. Raises OSError for any reply but a 200."""
    return [[match["id"] for match in _post(url, body)["matches"]] for body in http_bodies(questions)]


def _post(url: str, body: bytes) -> Any:
    request = Request(url, body, {"content-type": "application/json"})  # noqa: S310  http, to ourselves
    with urlopen(request, timeout=10) as reply:  # noqa: S310
        return json.load(reply)


def ask_gateway_grpc(address: str, questions: Sequence[str]) -> list[Ids]:
    """Ask the gateway over gRPC, one after the other. Raises grpc.RpcError."""
    with grpc.insecure_channel(address) as channel:
        call: Any = channel.unary_unary(MATCH_FAQ, response_deserializer=MatchFaqReply.FromString)
        replies = [call(message, timeout=10) for message in grpc_messages(questions)]
    return [[match.id for match in reply.results[0].matches] for reply in replies]


def ask_triton(address: str, model: str, questions: Sequence[str]) -> list[Ids]:
    """Ask Triton over gRPC, one after the other. Raises grpc.RpcError."""
    with grpc.insecure_channel(address) as channel:
        call: Any = channel.unary_unary(MODEL_INFER, response_deserializer=service_pb2.ModelInferResponse.FromString)
        replies = [call(message, timeout=10) for message in triton_messages(questions, model)]
    return [np.frombuffer(reply.raw_output_contents[0], "<i8")[:TOP_K].tolist() for reply in replies]
