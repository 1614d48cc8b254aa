"""Requests and replies over HTTP as types: decoded with, encoded with, and documented from."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from preprocessing.image import ImageSpec

_QUESTION = "A question in plain words, Markdown or Stack Overflow's HTML."
_TOP_K = "How many matches to return for a question; at most what /v1/models says."
_IMAGE = "A JPEG, PNG, WebP, GIF, BMP or TIFF file in base64."
_NAMED_IMAGES = "By a name of yours, image files in base64; they may stand in quotation marks of their own."
_WEIGHTS = "Where the model's weights come from; with `untrained` ones the classes are random."
_TOP_CLASSES = "How many classes to return for an image."
# The rules are checked in one place for all protocols (gateway.questions): here they are documentation.
_AT_LEAST_ONE: dict[str, Any] = {"minimum": 1}


class MatchRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Exactly one of `question` and `questions`."""

    question: Annotated[str, Meta(description=_QUESTION)] | UnsetType = UNSET
    questions: Annotated[list[str], Meta(description="Several questions, answered in this order.")] | UnsetType = UNSET
    top_k: Annotated[int, Meta(description=_TOP_K, extra_json_schema=_AT_LEAST_ONE)] = 3


class LegacyRequest(msgspec.Struct):
    """The 2019 FAQ service's request; it overlooked other fields, and so does this one."""

    input: Annotated[str, Meta(description=_QUESTION)]


class ClassifyRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Exactly one of `image` and `images`."""

    image: Annotated[bytes, Meta(description=_IMAGE)] | UnsetType = UNSET
    images: Annotated[list[bytes], Meta(description="Several images, answered in this order.")] | UnsetType = UNSET
    top_k: (
        Annotated[int, Meta(description=_TOP_CLASSES, extra_json_schema=_AT_LEAST_ONE | {"default": 3})] | UnsetType
    ) = UNSET


class LegacyImageRequest(msgspec.Struct):
    """The 2019 image service's request; it overlooked other fields, and so does this one."""

    input: Annotated[dict[str, str], Meta(description=_NAMED_IMAGES)]


class Match(msgspec.Struct):
    """A FAQ entry and how probable it is that the question is a duplicate of it; the texts are HTML."""

    id: int
    question: str
    answer_id: int
    answer: str
    probability: Annotated[float, Meta(description="Calibrated; between 0 and 1.")]


class Model(msgspec.Struct):
    """The FAQ model's version that answered."""

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


class ImageClass(msgspec.Struct):
    """A class of ImageNet and how probable it is that the image shows it."""

    wnid: Annotated[str, Meta(description="The class's WordNet id.")]
    label: str
    probability: Annotated[float, Meta(description="Between 0 and 1.")]


class ImageModel(msgspec.Struct, omit_defaults=True):
    """The image model's version that answered, and what computed the reply."""

    name: str
    version: str
    engine: str
    weights: Annotated[str, Meta(description=_WEIGHTS)]
    warning: Annotated[str | None, Meta(description="Why the classes must not be trusted.")] = None


class ImageResult(msgspec.Struct):
    """The classes of one image, best first."""

    classes: list[ImageClass]


class ClassifyReply(msgspec.Struct):
    """The reply to one image."""

    classes: list[ImageClass]
    model: ImageModel


class ClassifyListReply(msgspec.Struct):
    """The reply to `images`: one result for each, in the order of the request."""

    results: list[ImageResult]
    model: ImageModel


class ModelLimits(msgspec.Struct):
    """What one request may contain."""

    max_questions: int
    max_question_length: Annotated[int, Meta(description="In characters.")]
    max_body_bytes: int


class ModelStatus(msgspec.Struct, tag_field="task", tag="faq"):
    """The FAQ model, the version that answers, and whether it answers now."""

    name: str
    version: str
    ready: bool
    entries: int
    top_k: Annotated[int, Meta(description="The largest top_k of a request.")]
    threshold: Annotated[float, Meta(description="The probability from which a match counts as good.")]
    created: str
    limits: ModelLimits


class ImageLimits(msgspec.Struct):
    """What one request may contain."""

    max_images: int
    max_image_bytes: Annotated[int, Meta(description="In one image's file.")]
    max_image_pixels: int
    min_image_side: Annotated[int, Meta(description="In pixels.")]
    max_body_bytes: int
    media_types: list[str]


class ImageModelStatus(msgspec.Struct, tag_field="task", tag="image"):
    """The image model, the version that answers, and whether it answers now."""

    name: str
    version: str
    ready: bool
    weights: Annotated[str, Meta(description=_WEIGHTS)]
    warning: Annotated[str | None, Meta(description="Why the classes must not be trusted.")]
    precision: str
    engine: Annotated[str | None, Meta(description="What computes the replies; null while Triton is not there.")]
    framework: Annotated[str, Meta(description="What the model was made with.")]
    classes: Annotated[int, Meta(description="The largest top_k of a request.")]
    preprocessing: ImageSpec
    created: str
    limits: ImageLimits


class ModelsReply(msgspec.Struct):
    """The models behind this service; one that the repository holds no version of is left out."""

    models: list[ModelStatus | ImageModelStatus]


class Alive(msgspec.Struct):
    """The process answers."""

    status: Literal["alive"] = "alive"


class ModelHealth(msgspec.Struct, omit_defaults=True):
    """Whether a model answers its golden request; `reason` says why not."""

    name: str
    state: Literal["ready", "not_ready", "not_published"]
    reason: str | None = None


class Health(msgspec.Struct):
    """The service's health: `degraded` when one of several models does not answer."""

    status: Literal["ready", "degraded"]
    models: list[ModelHealth]


class Problem(msgspec.Struct, omit_defaults=True):
    """An error, as RFC 9457 describes it. No value that a user wrote is repeated in it."""

    type: Annotated[str, Meta(description="Where the kind of error is described.")]
    title: str
    status: int
    detail: str
    field: Annotated[str | None, Meta(description="The part of the request that is wrong.")] = None
    limit: Annotated[int | str | None, Meta(description="What is allowed.")] = None
    received: Annotated[int | str | None, Meta(description="What was received: a number, a length or a type.")] = None
