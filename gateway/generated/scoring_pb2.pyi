from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MatchFaqRequest(_message.Message):
    __slots__ = ("question", "questions", "top_k")
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    TOP_K_FIELD_NUMBER: _ClassVar[int]
    question: str
    questions: _containers.RepeatedScalarFieldContainer[str]
    top_k: int
    def __init__(self, question: _Optional[str] = ..., questions: _Optional[_Iterable[str]] = ..., top_k: _Optional[int] = ...) -> None: ...

class MatchFaqReply(_message.Message):
    __slots__ = ("results", "model")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[FaqResult]
    model: ModelVersion
    def __init__(self, results: _Optional[_Iterable[_Union[FaqResult, _Mapping]]] = ..., model: _Optional[_Union[ModelVersion, _Mapping]] = ...) -> None: ...

class FaqResult(_message.Message):
    __slots__ = ("matches", "good_match")
    MATCHES_FIELD_NUMBER: _ClassVar[int]
    GOOD_MATCH_FIELD_NUMBER: _ClassVar[int]
    matches: _containers.RepeatedCompositeFieldContainer[FaqMatch]
    good_match: bool
    def __init__(self, matches: _Optional[_Iterable[_Union[FaqMatch, _Mapping]]] = ..., good_match: _Optional[bool] = ...) -> None: ...

class FaqMatch(_message.Message):
    __slots__ = ("id", "question", "answer_id", "answer", "probability")
    ID_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    ANSWER_ID_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    id: int
    question: str
    answer_id: int
    answer: str
    probability: float
    def __init__(self, id: _Optional[int] = ..., question: _Optional[str] = ..., answer_id: _Optional[int] = ..., answer: _Optional[str] = ..., probability: _Optional[float] = ...) -> None: ...

class ModelVersion(_message.Message):
    __slots__ = ("name", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ...) -> None: ...

class ClassifyImageRequest(_message.Message):
    __slots__ = ("image", "images", "top_k")
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    IMAGES_FIELD_NUMBER: _ClassVar[int]
    TOP_K_FIELD_NUMBER: _ClassVar[int]
    image: bytes
    images: _containers.RepeatedScalarFieldContainer[bytes]
    top_k: int
    def __init__(self, image: _Optional[bytes] = ..., images: _Optional[_Iterable[bytes]] = ..., top_k: _Optional[int] = ...) -> None: ...

class ClassifyImageReply(_message.Message):
    __slots__ = ("results", "model")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[ImageResult]
    model: ImageModelVersion
    def __init__(self, results: _Optional[_Iterable[_Union[ImageResult, _Mapping]]] = ..., model: _Optional[_Union[ImageModelVersion, _Mapping]] = ...) -> None: ...

class ImageResult(_message.Message):
    __slots__ = ("classes",)
    CLASSES_FIELD_NUMBER: _ClassVar[int]
    classes: _containers.RepeatedCompositeFieldContainer[ImageClass]
    def __init__(self, classes: _Optional[_Iterable[_Union[ImageClass, _Mapping]]] = ...) -> None: ...

class ImageClass(_message.Message):
    __slots__ = ("wnid", "label", "probability")
    WNID_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    wnid: str
    label: str
    probability: float
    def __init__(self, wnid: _Optional[str] = ..., label: _Optional[str] = ..., probability: _Optional[float] = ...) -> None: ...

class ImageModelVersion(_message.Message):
    __slots__ = ("name", "version", "engine", "weights", "warning")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    WEIGHTS_FIELD_NUMBER: _ClassVar[int]
    WARNING_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    engine: str
    weights: str
    warning: str
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., engine: _Optional[str] = ..., weights: _Optional[str] = ..., warning: _Optional[str] = ...) -> None: ...
