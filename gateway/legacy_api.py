"""The 2019 contracts, POST /api/v1/service/{faq,image}/score: their clients change only the host name.

FAQ. Request `{"input": "question"}`. Reply: a JSON *string* that holds the JSON text `[[question id, answer id,
probability], ...]`, best first; the scoring script encoded its result and the web service encoded it once more, so
clients decode twice. Source: https://github.com/microsoft/az-ml-realtime-score, 03_Develop_Scoring_Script.ipynb (reply)
and 06_Real_Time_Scoring.ipynb (how clients read it). The old service listed every entry; this one lists the best that
the model ranks.

Images. Request: a form whose files have names of the client's (`files={"image": data}`), or, before that,
`{"input": {name: base64}}` with the base64 in quotation marks of its own. Reply: `[{name: [[wnid, label, probability],
... three, best first]}, "Computed in 12.3 ms"]`. Source: https://github.com/microsoft/az-deep-realtime-score,
Keras_Tensorflow/py_scripts/02_DevelopModelDriver.py (form, reply) and 05_TestWebApp.py (client); the JSON request in
02_DevelopModelDriver-checkpoint.ipynb at 10b2827 and testing_utilities.py. Keras joins the words of a label with
underscores, and so does the reply. A probability is a number, as in the later version; the earlier one wrote it as a
string, and its client made it a number.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from time import monotonic

import msgspec

from gateway.asgi import Handler, media_type
from gateway.bounds import check_json
from gateway.call import Call, Head
from gateway.decoding import decode
from gateway.errors import InvalidFieldError
from gateway.forms import boundary, read_form
from gateway.image_api import LARGE
from gateway.image_requests import check_count
from gateway.image_service import Classification, EncodedImage, ImageQuery, ImageService
from gateway.problems import Headers
from gateway.questions import FaqQuery
from gateway.schema import LegacyImageRequest, LegacyRequest
from gateway.service import ScoringService

_JSON: Headers = [(b"content-type", b"application/json")]
_CLASSES = 3
_LONGEST_NAME = 80


class LegacyApi:
    """Answers questions in the shape of the 2019 service."""

    def __init__(self, service: ScoringService) -> None:
        self._service = service
        self._decoder = msgspec.json.Decoder(LegacyRequest)

    def choose(self, head: Head) -> Handler:
        """Take whatever media type: the old service did not look."""
        return self.score

    async def score(self, body: bytes, call: Call) -> tuple[Headers, bytes]:
        """Answer one question with all the matches that the model ranks. Raises ScoringError."""
        request = decode(self._decoder, body)
        catalog = await self._service.catalog()
        answer = await self._service.match(FaqQuery(request.input, None, catalog.card.top_k, field="input"), call)
        matches = answer.results[0].matches
        rows = [[entry.line.id, entry.line.answer_id, probability] for entry, probability in matches]
        content = msgspec.json.encode(msgspec.json.encode(rows).decode())
        call.encoded()
        return _JSON, content


class LegacyImageApi:
    """Classifies images in the shape of the 2019 service."""

    def __init__(self, images: ImageService, max_images: int) -> None:
        self._images = images
        self._max_images = max_images
        self._decoder = msgspec.json.Decoder(LegacyImageRequest)

    def choose(self, head: Head) -> Handler:
        """Take a form, or anything else for JSON. Raises MalformedBodyError."""
        if media_type(head.content_type) == "multipart/form-data":
            return partial(self._score, partial(self._from_form, boundary(head.content_type)))
        return partial(self._score, self._from_json)

    async def _score(
        self, read: Callable[[bytes], dict[str, EncodedImage]], body: bytes, call: Call
    ) -> tuple[Headers, bytes]:
        images = read(body) if len(body) < LARGE else await asyncio.to_thread(read, body)
        del body
        answer = await self._images.classify(ImageQuery(list(images.values()), _CLASSES), call)
        named = dict(zip(images, map(_rows, answer.results), strict=True))
        elapsed = f"Computed in {(monotonic() - call.arrival - call.read) * 1e3:.2f} ms"
        content = msgspec.json.encode([named, elapsed])
        call.encoded()
        return _JSON, content

    def _from_form(self, boundary: bytes, body: bytes) -> dict[str, EncodedImage]:
        named: dict[str, EncodedImage] = {}
        for part in read_form(body, boundary, self._max_images):
            named.setdefault(part.name, EncodedImage(part.data, part.media_type, part.name))  # as the old service did
        check_count(len(named), self._max_images, "body")
        return named

    def _from_json(self, body: bytes) -> dict[str, EncodedImage]:
        check_json(body, self._max_images)
        given = decode(self._decoder, body).input
        check_count(len(given), self._max_images, "input")
        return {name: _decoded(text, f"input.{name[:_LONGEST_NAME]}") for name, text in given.items()}


def _rows(classes: list[Classification]) -> list[tuple[str, str, float]]:
    return [(each.wnid, each.label.replace(" ", "_"), each.probability) for each in classes]


def _decoded(text: str, field: str) -> EncodedImage:
    try:
        return EncodedImage(msgspec.convert(text.strip('"'), bytes), None, field)
    except msgspec.ValidationError:
        raise InvalidFieldError(f"{field} is not valid base64.", field=field, limit="base64") from None
