"""The HTTP API: protocol matters only; the scoring service does the rest."""

import msgspec

from gateway.asgi import App, Chooser, Handler, Post, Scope, Send, require_json
from gateway.bodies import Receive
from gateway.call import Call, Head
from gateway.decoding import decode
from gateway.front_door import FrontDoor, Method
from gateway.image_api import ImageApi
from gateway.image_service import ImageService
from gateway.legacy_api import LegacyApi, LegacyImageApi
from gateway.methods import Methods
from gateway.problems import Headers
from gateway.questions import FaqQuery
from gateway.schema import MatchRequest, Model
from gateway.service import Result, ScoringService
from gateway.settings import Settings

_JSON = (b"content-type", b"application/json")


class FaqApi:
    """POST /v1/faq/match: the hot path, from bytes to bytes."""

    def __init__(self, service: ScoringService) -> None:
        self._service = service
        self._decoder = msgspec.json.Decoder(MatchRequest)

    def choose(self, head: Head) -> Handler:
        """Take JSON only. Raises UnsupportedMediaTypeError."""
        require_json(head)
        return self.match

    async def match(self, body: bytes, call: Call) -> tuple[Headers, bytes]:
        """Answer one question or several. Raises ScoringError."""
        request = decode(self._decoder, body)
        question = None if request.question is msgspec.UNSET else request.question
        questions = None if request.questions is msgspec.UNSET else request.questions
        answer = await self._service.match(FaqQuery(question, questions, request.top_k), call)
        model = msgspec.json.encode(Model(self._service.model, answer.catalog.version))
        if questions is None:
            content = b'{%b,"model":%b}' % (_result(answer.results[0]), model)
        else:
            results = b",".join([b"{%b}" % _result(result) for result in answer.results])
            content = b'{"results":[%b],"model":%b}' % (results, model)
        call.encoded()
        return [_JSON, (b"server-timing", call.server_timing().encode())], content


def _result(result: Result) -> bytes:
    # The entries were serialised when the catalog was loaded; 7 digits are what a 32-bit probability holds.
    matches = b",".join([b"%b%.7g}" % (entry.json, probability) for entry, probability in result.matches])
    return b'"matches":[%b],"good_match":%b' % (matches, b"true" if result.good_match else b"false")


class HttpApi:
    """The ASGI application: the hot paths first, everything else through `others`."""

    def __init__(
        self,
        service: ScoringService,
        images: ImageService,
        others: App,
        door: FrontDoor,
        methods: Methods,
        settings: Settings,
    ) -> None:
        self._others = others

        def post(method: Method, choose: Chooser, max_body_bytes: int) -> App:
            return Post(method, choose, door, max_body_bytes=max_body_bytes, patience=settings.body_timeout)

        small, large = settings.max_body_bytes, settings.max_image_body_bytes
        self._posts: dict[str, App] = {
            "/v1/faq/match": post(methods.match, FaqApi(service).choose, small),
            "/v1/images/classify": post(methods.classify, ImageApi(images, settings.max_images).choose, large),
            "/api/v1/service/faq/score": post(methods.match_2019, LegacyApi(service).choose, small),
            "/api/v1/service/image/score": post(
                methods.classify_2019, LegacyImageApi(images, settings.max_images).choose, large
            ),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        post = self._posts.get(scope["path"]) if scope["type"] == "http" else None
        await (post or self._others)(scope, receive, send)
