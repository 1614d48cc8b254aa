"""POST /v1/images/classify: an image file, a form or JSON in; the classes of each image out."""

import asyncio
from collections.abc import Callable
from functools import lru_cache, partial

import msgspec

from gateway.asgi import Handler, media_type
from gateway.call import Call, Head
from gateway.errors import UnsupportedMediaTypeError
from gateway.forms import boundary
from gateway.image_requests import ImageRequest, from_form, from_json, from_query, from_raw
from gateway.image_service import Classification, ImageAnswer, ImageService
from gateway.problems import Headers
from gateway.schema import ImageModel

# Bytes from which a body is taken apart in a thread: in the event loop it would hold up everyone for milliseconds.
LARGE = 100_000

_JSON = (b"content-type", b"application/json")
_TAKEN = "image/*, application/octet-stream, multipart/form-data, application/json"
_HINT = "for an image file add -H 'content-type: image/jpeg' (or what it is)"


class ImageApi:
    """From bytes to bytes; the service does the rest."""

    def __init__(self, images: ImageService, max_images: int) -> None:
        self._images = images
        self._max_images = max_images

    def choose(self, head: Head) -> Handler:
        """Return what reads the body and answers it. Raises ScoringError for what the head already rules out."""
        top_k, kind = from_query(head.query), media_type(head.content_type)
        if kind.startswith("image/") or kind == "application/octet-stream":
            return partial(self._classify_raw, kind, top_k)
        if kind == "multipart/form-data":
            read = partial(from_form, boundary=boundary(head.content_type), top_k=top_k, max_images=self._max_images)
            return partial(self._classify, read)
        if kind == "application/json":
            return partial(self._classify, partial(from_json, top_k=top_k, max_images=self._max_images))
        raise UnsupportedMediaTypeError(_advice(kind), field="content-type", limit=_TAKEN)

    async def _classify_raw(self, kind: str, top_k: int | None, body: bytes, call: Call) -> tuple[Headers, bytes]:
        return await self._answer(from_raw(body, kind, top_k), call)

    async def _classify(self, read: Callable[[bytes], ImageRequest], body: bytes, call: Call) -> tuple[Headers, bytes]:
        request = read(body) if len(body) < LARGE else await asyncio.to_thread(read, body)
        del body  # the images were copied out of it
        return await self._answer(request, call)

    async def _answer(self, request: ImageRequest, call: Call) -> tuple[Headers, bytes]:
        answer = await self._images.classify(request.query, call)
        model = msgspec.json.encode(_model(self._images.model, answer))
        results = [_result(classes) for classes in answer.results]
        if request.several:
            content = b'{"results":[%b],"model":%b}' % (b",".join([b"{%b}" % each for each in results]), model)
        else:
            content = b'{%b,"model":%b}' % (results[0], model)
        call.encoded()
        return [_JSON, (b"server-timing", call.server_timing().encode())], content


def _advice(kind: str) -> str:
    if kind == "application/x-www-form-urlencoded":
        return f"curl declares a body as a web form unless told otherwise; {_HINT}, for a form use -F image=@FILE."
    if not kind:
        return f"The body's media type is missing; {_HINT}."
    return f"The body must be an image, a form (multipart/form-data) or JSON; {_HINT}."


def _model(name: str, answer: ImageAnswer) -> ImageModel:
    catalog = answer.catalog
    return ImageModel(name, catalog.version, answer.engine, catalog.card.weights, catalog.warning)


def _result(classes: list[Classification]) -> bytes:
    # 7 digits are what a 32-bit probability holds.
    return b'"classes":[%b]' % b",".join([b"%b%.7g}" % (_opening(wnid, label), p) for wnid, label, p in classes])


@lru_cache(maxsize=4096)  # the classes of a few versions: the probability is all that differs between replies
def _opening(wnid: str, label: str) -> bytes:
    return msgspec.json.encode({"wnid": wnid, "label": label})[:-1] + b',"probability":'
