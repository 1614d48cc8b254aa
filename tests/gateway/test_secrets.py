"""Nothing that a client sends is told to anyone: canaries go down every path, and are searched for everywhere.

One gateway process, as shipped but for the faults that requests ask for, is attacked once; the tests look at what it
left: its log, its metrics, its traces and its replies.
"""

import asyncio
import io
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import grpc
import httpx
import pytest
from PIL import Image, PngImagePlugin

from gateway.generated.scoring_pb2 import ClassifyImageRequest, MatchFaqRequest
from tests.gateway import http2
from tests.gateway.access.conftest import document, entry
from tests.gateway.access.issuer import AUDIENCE, OTHER_RSA_KEY, Issuer, running_issuer
from tests.gateway.canaries import canary, leaks
from tests.gateway.fake_triton import FakeTriton, running_triton
from tests.gateway.gateway_process import GatewayProcess, gateway_process
from tests.gateway.image_model import picture
from tests.otlp_collector import Collector, running_collector
from tests.pictures.makers import jpeg_segment, jpeg_with

MATCH, CLASSIFY = "/v1/faq/match", "/v1/images/classify"
FAQ_METHOD, IMAGE_METHOD = "/scoring.v1.Scoring/MatchFaq", "/scoring.v1.Scoring/ClassifyImage"
JSON = "content-type: application/json"
# What is said on purpose, to prove that the search would find it: a client's name is no secret.
CLIENT, LOGGED, REPLIED = "client's name", "leaked into the log", "leaked into the reply"
# Fields that nobody knows are named to whoever sent them, or the mistake could not be found; what is in them is not.
NAMED = {"unknown field", "image field", "part", "image parameter", "GET parameter", "2019 image wrong type"}


class Evidence(NamedTuple):
    """What the gateway said, and the canaries by the way that they went."""

    canaries: dict[str, str]
    replies: dict[str, bytes]
    log: bytes
    metrics: bytes
    traces: bytes


class Attack:
    """Sends canaries and keeps the replies."""

    def __init__(self, gateway: GatewayProcess, key: str) -> None:
        self._gateway = gateway
        self._key = key
        self.canaries: dict[str, str] = {}
        self.replies: dict[str, bytes] = {}

    def canary(self, name: str) -> str:
        """Return a new canary for this way."""
        assert name not in self.canaries
        self.canaries[name] = canary()
        return self.canaries[name]

    async def http(self, name: str, path: str, body: bytes | str, *headers: str, key: str | None = None) -> None:
        """POST; CANARY in anything becomes this way's canary, and none is the right key."""
        content = body.encode() if isinstance(body, str) else body
        secret = self.canary(name)
        content = content.replace(b"CANARY", secret.encode())
        authorization = f"authorization: Bearer {self._key}" if key is None else key
        lines = [f"POST {path} HTTP/1.1", "host: x", authorization, f"content-length: {len(content)}", *headers]
        head = "\r\n".join(filter(None, lines)).replace("CANARY", secret)
        await self._send(name, self._gateway.http, head.encode() + b"\r\nconnection: close\r\n\r\n" + content)

    async def raw(self, name: str, content: str, address: str = "") -> None:
        """Send bytes to the HTTP port, or another; CANARY becomes this way's canary."""
        text = content.replace("CANARY", self.canary(name))
        await self._send(name, address or self._gateway.http, text.encode("latin-1"))

    async def _send(self, name: str, address: str, content: bytes) -> None:
        host, port = address.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(content)
        try:
            async with asyncio.timeout(3):  # some are answered by nothing at all
                self.replies[name] = await reader.read()
        except (TimeoutError, ConnectionError):
            self.replies[name] = b""
        writer.transport.abort()

    async def grpc(
        self,
        name: str,
        payload: Callable[[str], bytes],
        method: str = FAQ_METHOD,
        metadata: Sequence[tuple[str, str]] = (),
        key: str = "",
    ) -> None:
        """Call with metadata; CANARY becomes this way's canary, from which the message is made."""
        secret = self.canary(name)
        given = [(header, value.replace("CANARY", secret)) for header, value in metadata]
        given.append(("authorization", key.replace("CANARY", secret) or f"Bearer {self._key}"))
        async with grpc.aio.insecure_channel(self._gateway.grpc) as channel:
            call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(method.replace("CANARY", secret))
            try:
                reply = await call(payload(secret), metadata=given, timeout=10)
                self.replies[name] = reply
            except grpc.aio.AioRpcError as error:
                trailers = [*(error.trailing_metadata() or ()), *(error.initial_metadata() or ())]
                self.replies[name] = repr([error.code(), error.details(), *trailers]).encode()


async def _attack_heads(attack: Attack, issuer: Issuer) -> None:
    """Everything before the body."""
    question = json.dumps({"question": "what"})
    wrong = "rts_k3f9a2_CANARY" + "z" * 21
    for name, header in {
        "bearer key": f"authorization: Bearer {wrong}",
        "api key": f"x-api-key: {wrong}",
        "basic": "authorization: Basic CANARY",
        "odd scheme": "authorization: CANARY",
        "both": f"authorization: Bearer {wrong}\r\nx-api-key: CANARY",
        "two keys": f"authorization: Bearer {wrong}\r\nauthorization: Bearer CANARY",
        "token": "authorization: Bearer eyJhbGciOiJSUzI1NiJ9.CANARY.CANARY",
    }.items():
        await attack.http(name, MATCH, question, JSON, key=header)
    subject = attack.canary("claims")
    forged = issuer.token(OTHER_RSA_KEY, sub=subject, name=subject).decode()
    await attack.http("forged token", MATCH, question, JSON, key=f"authorization: Bearer {forged}")
    kid = attack.canary("kid")
    unknown = issuer.token(OTHER_RSA_KEY, kid=kid).decode()
    await attack.http("unknown signer", MATCH, question, JSON, key=f"authorization: Bearer {unknown}")
    for name, header in {
        "cookie": "cookie: session=CANARY",
        "own header": "x-canary: CANARY",
        "traceparent": "traceparent: 00-CANARY-01",
        "tracestate": "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\ntracestate: x=CANARY",
        "baggage": "baggage: user=CANARY",
        "request-timeout": "request-timeout: CANARY",
        "content-type": "content-type: CANARY/CANARY; charset=CANARY",
        "referer": "referer: https://example.org/?q=CANARY",
        "origin": "origin: https://CANARY.example.org",
        "accept": "accept: CANARY",
        "content-encoding": "content-encoding: CANARY",
        "expect": "expect: CANARY",
    }.items():
        await attack.http(name, MATCH, question, *(() if name == "content-type" else (JSON,)), header)
    for name, path in {
        "path": "/v1/CANARY",
        "path below": "/v1/models/CANARY/infer",
        "query": f"{MATCH}?key=CANARY",
        "image query": f"{CLASSIFY}?top_k=CANARY",
        "parameter": "/readyz?CANARY=1",
        "image parameter": f"{CLASSIFY}?CANARY=1",
        "model": "/readyz?model=CANARY",
        "metrics query": "/metrics?name=CANARY",
    }.items():
        await attack.http(name, path, question, JSON)
        await attack.raw(f"GET {name}", f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")


async def _attack_bodies(attack: Attack) -> None:
    """What is asked."""
    for name, body in {
        "question": '{"question": "why CANARY?"}',
        "questions": '{"questions": ["CANARY", "CANARY"]}',
        "bad JSON": '{"question": "CANARY',
        "broken string": '{"question": "CANARY\\x"}',
        "unknown field": '{"question": "a", "CANARY": 1}',
        "wrong type": '{"question": {"CANARY": "CANARY"}}',
        "wrong top_k": '{"question": "a", "top_k": "CANARY"}',
        "long question": json.dumps({"question": "CANARY " * 4000}),
        "list": '["CANARY"]',
    }.items():
        await attack.http(name, MATCH, body, JSON)
        await attack.http(f"2019 {name}", "/api/v1/service/faq/score", body.replace("question", "input"), JSON)
        await attack.http(f"2019 image {name}", "/api/v1/service/image/score", body.replace("question", "input"), JSON)
    await attack.http("no UTF-8", MATCH, b'{"question": "CANARY \xff"}', JSON)
    await attack.http("no JSON", MATCH, "CANARY=CANARY", "content-type: application/x-www-form-urlencoded")


async def _attack_images(attack: Attack) -> None:
    """Pictures, and what is around them."""
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "CANARY" + "." * 100)
    noted = io.BytesIO()
    Image.new("RGB", (32, 32)).save(noted, "PNG", pnginfo=notes)
    commented = jpeg_with(jpeg_segment(0xFE, b"CANARY" + b"." * 100))
    exif = jpeg_with(jpeg_segment(0xE1, b"Exif\0\0CANARY" + b"." * 100))
    for name, content in {
        "image of text": b"CANARY",
        "PNG text": noted.getvalue(),
        "cut PNG": noted.getvalue()[:-30],
        "JPEG comment": commented,
        "cut JPEG": commented[:400],
        "EXIF": exif,
        "fake GIF": b"GIF89aCANARYCANARYCANARY",
    }.items():
        await attack.http(name, CLASSIFY, content, "content-type: application/octet-stream")
    encoded = b64encode(picture(123)).decode()
    for name, body in {
        "Base64": '{"image": "CANARY!"}',
        "Base64 text": '{"image": "CANARYCANARYCANARYCANARY"}',
        "image field": json.dumps({"image": encoded, "CANARY": "CANARY"}),
        "image top_k": json.dumps({"image": encoded, "top_k": "CANARY"}),
    }.items():
        await attack.http(name, CLASSIFY, body, JSON)
    form = 'content-disposition: form-data; name="{}"; filename="{}"\r\ncontent-type: {}\r\n\r\n{}\r\n--b--\r\n'
    kind = "content-type: multipart/form-data; boundary=b"
    for name, part in {
        "part": form.format("CANARY", "x.png", "image/png", "x"),
        "file name": form.format("image", "CANARY.png", "image/png", "x"),
        "part's type": form.format("image", "x.png", "CANARY/CANARY", "x"),
        "part's content": form.format("image", "x.png", "image/png", "CANARY"),
        "form top_k": form.format("top_k", "", "text/plain", "CANARY"),
        "part's header": "CANARY\r\n\r\n\r\n--b--\r\n",
    }.items():
        await attack.http(name, CLASSIFY, f"--b\r\n{part}", kind)
    await attack.http("boundary", CLASSIFY, "--CANARY\r\nx", "content-type: multipart/form-data; boundary=CANARY")


def question(secret: str, before: str = "why") -> bytes:
    """Return a message that asks a question."""
    return MatchFaqRequest(question=f"{before} {secret}?").SerializeToString()


def image(secret: str) -> bytes:
    """Return a message with what is no picture."""
    return ClassifyImageRequest(image=secret.encode()).SerializeToString()


async def _attack_protocols(attack: Attack, gateway: GatewayProcess) -> None:
    """What is no HTTP and no gRPC."""
    garbage = {
        "garbage": "CANARY CANARY\r\n\r\n",
        "method": f"CANARY {MATCH} HTTP/1.1\r\nhost: x\r\n\r\n",
        "version": f"POST {MATCH} HTTP/CANARY\r\n\r\n",
        "header without colon": f"POST {MATCH} HTTP/1.1\r\nCANARY\r\n\r\n",
        "header name": f"POST {MATCH} HTTP/1.1\r\nCANARY\x01: x\r\n\r\n",
        "content-length": f"POST {MATCH} HTTP/1.1\r\nhost: x\r\ncontent-length: CANARY\r\n\r\n",
        "transfer-encoding": f"POST {MATCH} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: CANARY\r\n\r\n",
        "chunk": f"POST {MATCH} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nCANARY\r\n",
        "upgrade": f"GET {MATCH} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: CANARY\r\n\r\n",
        "websocket": "GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
        "sec-websocket-key: CANARY\r\nsec-websocket-version: 13\r\n\r\n",
        "address": "GET http://CANARY:x@[/ HTTP/1.1\r\nhost: CANARY\r\n\r\n",
        "long head": f"GET /{'CANARY' * 10_000} HTTP/1.1\r\nhost: x\r\n\r\n",
        "long header": f"GET / HTTP/1.1\r\nhost: x\r\nx: {'CANARY' * 20_000}\r\n\r\n",
        "host": "GET / HTTP/1.1\r\nhost: CANARY CANARY\r\n\r\n",
    }
    ways = [attack.raw(name, content) for name, content in garbage.items()]
    ways += [attack.raw(f"{name} to the gRPC port", content, gateway.grpc) for name, content in garbage.items()]
    await asyncio.gather(*ways)
    await attack.raw("after the preface", http2.PREFACE.decode() + "CANARY" * 100, gateway.grpc)
    wrong = "Bearer rts_k3f9a2_CANARY" + "z" * 21
    await attack.grpc("gRPC question", question)
    await attack.grpc("gRPC key", question, key=wrong)
    await attack.grpc("gRPC scheme", question, key="CANARY")
    await attack.grpc("gRPC method", question, "/scoring.v1.Scoring/CANARY")
    await attack.grpc("gRPC service", question, "/CANARY.v1/CANARY")
    await attack.grpc("gRPC garbage", str.encode)
    await attack.grpc("gRPC not UTF-8", lambda secret: question(secret).replace(b"why", b"\xff\xfe\xfd"))
    await attack.grpc("gRPC image", image, IMAGE_METHOD)
    metadata = [(each, "CANARY") for each in ("x-api-key", "traceparent", "tracestate", "request-timeout", "x-mine")]
    for each in metadata:
        await attack.grpc(f"gRPC {each[0]}", question, metadata=[each])


async def _attack_faults(attack: Attack, triton: FakeTriton) -> None:
    """Crashes, and a Triton that repeats what it was sent."""
    for fault in ("crash the service", "crash the call", "lose a task", "crash a callback", "crash a thread"):
        await attack.http(fault, MATCH, json.dumps({"question": f"{fault} CANARY"}), JSON)
        await attack.grpc(f"gRPC {fault}", partial(question, before=fault))
    commented = jpeg_with(jpeg_segment(0xFE, b"crash the decoder CANARY" + b"." * 100))
    await attack.http("crash the decoder", CLASSIFY, commented, "content-type: application/octet-stream")
    await attack.http("crash the door", MATCH, "{}", JSON, "traceparent: crash the door CANARY")
    await attack.grpc("gRPC crash the door", question, metadata=[("traceparent", "crash the door CANARY")])
    await attack.raw("crash a page", "GET /readyz?crash=CANARY HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    triton.version = attack.canary("Triton's version")
    await attack.http("odd version", MATCH, '{"question": "CANARY"}', JSON)
    triton.version = "1"
    for status in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.INTERNAL, grpc.StatusCode.UNAVAILABLE):
        triton.status = triton.image_status = status
        await attack.http(f"Triton {status.name}", MATCH, '{"question": "CANARY"}', JSON)
        await attack.grpc(f"gRPC Triton {status.name}", question)
        await attack.http(f"image Triton {status.name}", CLASSIFY, picture(123), "content-type: image/png")
    triton.status = triton.image_status = None


async def _leak(attack: Attack) -> None:
    """What the search has to find."""
    await attack.http(LOGGED, MATCH, '{"question": "leak into the log CANARY"}', JSON)
    await attack.http(REPLIED, MATCH, '{"question": "leak into the reply CANARY"}', JSON)


@pytest.fixture(scope="module")
async def evidence(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Evidence]:
    """All that one gateway said while it was attacked."""
    folder = tmp_path_factory.mktemp("secrets")
    secret, name, operator = canary(), canary(), "rts_kadm1n_" + "a" * 43
    key = f"rts_k3f9a2_{secret}".ljust(11 + 43, "b")
    keys = folder / "keys.json"
    keys.write_bytes(
        document(entry(key, client=name, scopes=["faq", "image"]), entry(operator, scopes=["admin"]), **{name: {}})
    )
    with running_collector() as collector:
        async with running_issuer() as issuer, running_triton(FakeTriton()) as triton, gateway_process(
            folder / "log", "tests.gateway.faulty_gateway", log_requests="all", triton_url=triton.url,
            model_repository=repository, keys_file=keys, oidc_issuer=issuer.url, oidc_audience=AUDIENCE,
            otlp_endpoint=collector.url, trace_ratio=1.0, header_timeout=2,
        ) as gateway:  # fmt: skip
            attack = Attack(gateway, key)
            attack.canaries |= {"right key": secret, CLIENT: name}
            await _leak(attack)
            await _attack_heads(attack, issuer)
            await _attack_bodies(attack)
            await _attack_images(attack)
            await _attack_protocols(attack, gateway)
            await _attack_faults(attack, triton)
            metrics = await _metrics(gateway, operator)
            await asyncio.to_thread(_wait_for_traces, collector)
        log = (folder / "log").read_bytes()
        yield Evidence(attack.canaries, attack.replies, log, metrics, b"\n".join(collector.bodies))


async def _metrics(gateway: GatewayProcess, key: str) -> bytes:
    async with httpx.AsyncClient(base_url=f"http://{gateway.http}", trust_env=False) as client:
        reply = await client.get("/metrics", headers={"authorization": f"Bearer {key}"})
    assert reply.status_code == 200
    return reply.content


def _wait_for_traces(collector: Collector) -> None:
    """Wait until nothing more arrives."""
    collector.wait(lambda spans: any(span.name == "metrics" for span in spans))


def test_the_log_tells_no_secrets(evidence: Evidence) -> None:
    """But for the one that is leaked on purpose, and the client's name, which is none."""
    assert leaks(evidence.log, evidence.canaries) == {LOGGED, CLIENT}


def test_metrics_tell_no_secrets(evidence: Evidence) -> None:
    """A client's name is a label."""
    assert leaks(evidence.metrics, evidence.canaries) == {CLIENT}


def test_traces_tell_no_secrets(evidence: Evidence) -> None:
    """A client's name is an attribute."""
    assert leaks(evidence.traces, evidence.canaries) == {CLIENT}


def test_replies_repeat_no_secrets(evidence: Evidence) -> None:
    """Not even to whoever sent them: a reply may be shown, logged or kept elsewhere. Names of fields are none."""
    found = {name for name, reply in evidence.replies.items() if leaks(reply, evidence.canaries)}
    assert found == {REPLIED} | NAMED


def test_every_line_of_the_log_is_one_record(evidence: Evidence) -> None:
    """No library has written past the formatter."""
    lines = evidence.log.splitlines()
    assert len(lines) > 100
    for line in lines:
        assert {"time", "level"} <= set(json.loads(line)), line


@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_the_attacks_went_where_they_should(evidence: Evidence, protocol: str) -> None:
    """Every kind of refusal that one request can provoke is in the log, so each path was walked."""
    requests = [json.loads(line) for line in evidence.log.splitlines() if b'"trace_id"' in line]
    errors = {each["error"] for each in requests if each["protocol"] == protocol}
    expected = {"", "unauthenticated", "malformed-body", "internal-fault", "model-fault", "model-unavailable"}
    assert expected <= errors


def test_crashes_are_logged_by_type_and_place(evidence: Evidence) -> None:
    """Whoever repairs the gateway learns where it broke."""
    assert evidence.log.count(b"OddError") >= 10
    assert b"faulty_gateway.py" in evidence.log


@pytest.mark.parametrize("before", ["", "a", "ab"])
def test_the_search_knows_the_usual_disguises(before: str) -> None:
    """Capitals, hexadecimal and Base64, wherever the secret begins."""
    secret = canary()
    text = f"{before}{secret} and more".encode()
    for disguised in (text, text.upper(), text.hex().encode(), b64encode(text)):
        assert leaks(disguised, {"it": secret, "other": canary()}) == {"it"}
