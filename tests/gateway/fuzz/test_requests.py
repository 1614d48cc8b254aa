"""Spoiled requests from end to end: files, forms, JSON, headers, messages; what comes back is documented."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.access import key
from gateway.generated.scoring_pb2 import ClassifyImageRequest, MatchFaqRequest
from gateway.server import Addresses, serving
from gateway.settings import Settings
from preprocessing.image import MEDIA_TYPES
from tests.gateway.access.conftest import document, entry
from tests.gateway.fake_triton import FakeTriton, running_triton
from tests.image_cases import FORM, form
from tests.pictures import encode, photo

tried = settings(max_examples=200)

PATIENCE = 60.0  # seconds: however busy the machine, nothing fails for want of time
KEY = key.new_key("ka")
FILES = {media_type: encode(photo(40, 30), format_) for format_, media_type in MEDIA_TYPES.items()}
WHOLE_FORM = form(("image", FILES["image/png"], "image/png"), ("top_k", b"2", None))
WHOLE_JSON = json.dumps({"image": base64.b64encode(FILES["image/webp"]).decode(), "top_k": 2}).encode()
WHOLE_QUESTION = json.dumps({"questions": ["<p>loop</p> <code>x</code>", "строка 🎉"], "top_k": 2}).encode()

# What every request that reads a body may be told; the images' last two are of what a body holds.
REFUSALS = {400, 413, 415, 422}
CODES = {grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.RESOURCE_EXHAUSTED}


def spoiled(whole: bytes) -> st.SearchStrategy[bytes]:
    """Bytes with some changed, cut out, doubled or put in, and what follows a place cut off or kept."""
    place = st.integers(0, len(whole))
    change = st.tuples(place, st.integers(0, 30), st.binary(max_size=12))
    return st.tuples(st.lists(change, min_size=1, max_size=5), place | st.just(len(whole))).map(
        lambda drawn: _changed(whole, *drawn)
    )


def _changed(whole: bytes, changes: list[tuple[int, int, bytes]], end: int) -> bytes:
    body = whole
    for at, length, piece in changes:
        body = body[:at] + piece + body[at + length :]
    return body[: end + 12]


@pytest.fixture(scope="module")
async def guarded(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Addresses]:
    """A gateway with keys and a quota that nobody reaches."""
    file = tmp_path_factory.mktemp("keys") / "keys.json"
    quota = {"rate": 100_000, "burst": 100_000, "concurrent": 1000}
    file.write_bytes(document(entry(KEY, scopes=["faq", "image"]), web=quota))
    async with running_triton(FakeTriton()) as triton:
        given_settings = Settings(
            port=0,
            grpc_port=0,
            triton_url=triton.url,
            model_repository=str(repository),
            keys_file=str(file),
            deadline=PATIENCE,
            max_deadline=PATIENCE,
        )
        async with serving(given_settings) as addresses:
            yield addresses


@pytest.fixture
async def client(guarded: Addresses) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client that shows its key."""
    headers = {"x-api-key": KEY}
    async with httpx.AsyncClient(
        base_url=f"http://{guarded.http}", trust_env=False, timeout=PATIENCE, headers=headers
    ) as client:
        yield client


@pytest.fixture
async def stranger(guarded: Addresses) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client without a key."""
    async with httpx.AsyncClient(base_url=f"http://{guarded.http}", trust_env=False, timeout=PATIENCE) as client:
        yield client


async def check(client: httpx.AsyncClient, path: str, body: bytes, content_type: str) -> None:
    """Post a body; whatever it holds, the reply is an answer or says what is wrong with it."""
    reply = await client.post(path, content=body, headers={"content-type": content_type})
    assert reply.status_code in {200, *REFUSALS}, reply.text
    told = reply.json()
    if reply.status_code != 200:
        assert reply.headers["content-type"] == "application/problem+json"
        assert told["status"] == reply.status_code


@pytest.mark.parametrize("media_type", FILES)
@settings(tried, max_examples=60)
@given(data=st.data())
async def test_files(client: httpx.AsyncClient, media_type: str, data: st.DataObject) -> None:
    """A spoiled image file is classified or refused, as it is, and in base64."""
    body = data.draw(spoiled(FILES[media_type]))
    await check(
        client, "/v1/images/classify", body, data.draw(st.sampled_from([media_type, "application/octet-stream"]))
    )
    text = json.dumps({"input": {"image": base64.b64encode(body).decode()}}).encode()
    await check(client, "/api/v1/service/image/score", text, "application/json")


@tried
@given(body=spoiled(WHOLE_FORM))
async def test_forms(client: httpx.AsyncClient, body: bytes) -> None:
    """A spoiled form is read or refused."""
    for path in ("/v1/images/classify", "/api/v1/service/image/score"):
        await check(client, path, body, FORM)


@tried
@given(body=spoiled(WHOLE_JSON) | spoiled(WHOLE_QUESTION))
async def test_json(client: httpx.AsyncClient, body: bytes) -> None:
    """Spoiled JSON is read or refused, on every path that takes any."""
    for path in (
        "/v1/images/classify", "/v1/faq/match", "/api/v1/service/image/score", "/api/v1/service/faq/score",
    ):  # fmt: skip
        await check(client, path, body, "application/json")


@tried
@given(text=st.text(max_size=300), top_k=st.integers(-(1 << 70), 1 << 70) | st.integers(1, 5))
async def test_questions(client: httpx.AsyncClient, text: str, top_k: int) -> None:
    """Any text is a question, or is refused for what it lacks."""
    await check(client, "/v1/faq/match", json.dumps({"question": text, "top_k": top_k}).encode(), "application/json")
    await check(client, "/api/v1/service/faq/score", json.dumps({"input": text}).encode(), "text/plain")


# What may stand in a header: anything but control characters, of which a tab is none.
VALUE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=80).map(
    lambda text: text.encode("latin-1").strip()
)
TRACE = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
HEADERS = {
    "traceparent": VALUE | spoiled(TRACE).map(lambda value: value.replace(b"\r", b"").replace(b"\n", b"")),
    "request-timeout": VALUE | st.from_regex(rb"\A[0-9]{1,3}(\.[0-9]{0,3})?(e-?[0-9]{1,3})?\Z"),
    "authorization": VALUE | VALUE.map(lambda value: b"Bearer " + value) | st.just(f"bearer  {KEY}".encode()),
    "x-api-key": VALUE | st.just(KEY.encode()),
    "content-type": VALUE | st.just(b"application/json; charset=utf-8"),
    "origin": VALUE,
    "accept-encoding": VALUE,
    "cookie": VALUE,
    "expect": st.just(b"100-continue"),
}


@tried
@given(drawn=st.fixed_dictionaries({}, optional=HEADERS))
async def test_headers(stranger: httpx.AsyncClient, drawn: dict[str, bytes]) -> None:
    """Any header is read, passed over or refused; nobody gets an answer without the key."""
    allowed = {*range(0x20, 0x7F), *range(0x80, 0x100), 0x09}
    headers = [  # without what the client itself refuses to send
        (name.encode(), bytes(each for each in value if each in allowed).strip(b" \t")) for name, value in drawn.items()
    ]
    reply = await stranger.post("/v1/faq/match", content=b'{"question": "loop"}', headers=headers)
    assert reply.status_code in {200, 401, 415, 422, 503, 504}, reply.text
    assert reply.status_code != 503 or "retry-after" in reply.headers  # less time than the others' requests have taken
    assert reply.status_code in {401, 422} or any(KEY.encode() in value for _, value in headers)


MESSAGES = {
    "MatchFaq": MatchFaqRequest(questions=["loop", "строка"], top_k=2).SerializeToString(),
    "ClassifyImage": ClassifyImageRequest(images=[FILES["image/png"]], top_k=2).SerializeToString(),
}


@pytest.mark.parametrize("method", MESSAGES)
@tried
@given(data=st.data())
async def test_messages(guarded: Addresses, method: str, data: st.DataObject) -> None:
    """A spoiled protobuf message is answered or refused."""
    message = data.draw(spoiled(MESSAGES[method]) | st.binary(max_size=100))
    async with grpc.aio.insecure_channel(guarded.grpc) as channel:
        remote: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(f"/scoring.v1.Scoring/{method}")
        try:
            await remote(message, timeout=PATIENCE, metadata=(("x-api-key", KEY),))
        except grpc.aio.AioRpcError as error:
            code, told = error.code(), error.details()
        else:
            code, told = grpc.StatusCode.OK, ""
    assert code in CODES, told
