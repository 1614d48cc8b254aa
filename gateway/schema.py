"""Requests and replies over HTTP as types: decoded with, encoded with, and documented from."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

_QUESTION = "A question in plain words, Markdown or Stack Overflow's HTML."
_TOP_K = "How many matches to return for a question; at most what /v1/models says."
# The rules are checked in one place for all protocols (gateway.questions): here they are documentation.
_AT_LEAST_ONE: dict[str, Any] = {"minimum": 1}


class MatchRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Exactly one of `question` and `questions`."""

    question: Annotated[str, Meta(description=_QUESTION)] | UnsetType = UNSET
    questions: Annotated[list[str], Meta(description="Several questions, answered in this order.")] | UnsetType = UNSET
    top_k: Annotated[int, Meta(description=_TOP_K, extra_json_schema=_AT_LEAST_ONE)] = 3


class LegacyRequest(msgspec.Struct):
    """The 2019 service's request; it overlooked other fields, and so does this one."""

    input: Annotated[str, Meta(description=_QUESTION)]


class Match(msgspec.Struct):
    """A FAQ entry and how probable it is that the question is a duplicate of it; the texts are HTML."""

    id: int
    question: str
    answer_id: int
    answer: str
    probability: Annotated[float, Meta(description="Calibrated; between 0 and 1.")]


class Model(msgspec.Struct):
    """The model version that answered."""

    name: str
    version: str


class FaqResult(msgspec.Struct):
    """The matches of one question, best first; `good_match` is false when even the best is probably wrong."""

    matches: list[Match]
    good_match: bool


class MatchReply(msgspec.Struct):
    """The reply to `question`."""

    matches: list[Match]
    good_match: bool
    model: Model


class MatchListReply(msgspec.Struct):
    """The reply to `questions`: one result for each, in the order of the request."""

    results: list[FaqResult]
    model: Model


class ModelLimits(msgspec.Struct):
    """What one request may contain."""

    max_questions: int
    max_question_length: Annotated[int, Meta(description="In characters.")]
    max_body_bytes: int


class ModelStatus(msgspec.Struct):
    """A model, the version that answers, and whether it answers now."""

    name: str
    version: str
    ready: bool
    entries: int
    top_k: Annotated[int, Meta(description="The largest top_k of a request.")]
    threshold: Annotated[float, Meta(description="The probability from which a match counts as good.")]
    created: str
    limits: ModelLimits


class ModelsReply(msgspec.Struct):
    """The models behind this service."""

    models: list[ModelStatus]


class Health(msgspec.Struct):
    """The service's health."""

    status: str


class Problem(msgspec.Struct, omit_defaults=True):
    """An error, as RFC 9457 describes it. No value that a user wrote is repeated in it."""

    type: Annotated[str, Meta(description="Where the kind of error is described.")]
    title: str
    status: int
    detail: str
    field: Annotated[str | None, Meta(description="The part of the request that is wrong.")] = None
    limit: Annotated[int | str | None, Meta(description="What is allowed.")] = None
    received: Annotated[int | str | None, Meta(description="What was received: a number, a length or a type.")] = None
