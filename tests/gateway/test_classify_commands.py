"""`scoring classify` against a running gateway, and against none."""

import asyncio
import json
import re
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from gateway.access import key
from gateway.server import Addresses, serving
from gateway.settings import Settings
from tests.gateway.access.conftest import document, entry
from tests.gateway.certificates import make_pair
from tests.gateway.fake_triton import FakeTriton, running_triton
from tests.gateway.image_model import LABELS, picture, write_image_version
from tests.pictures import encode, photo


class Run(NamedTuple):
    """What a command left behind."""

    code: int
    output: str
    errors: str


async def classify(*arguments: object, **environment: str) -> Run:
    """Run `scoring classify` in this environment and no other."""
    command = [sys.executable, "-c", "from scoring import app; app()", "classify", *map(str, arguments)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, stdout=pipe, stderr=pipe, env={"COLUMNS": "120", **environment}
    )
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    return Run(process.returncode or 0, output.decode(), errors.decode())


@pytest.fixture
def url(running: tuple[FakeTriton, Addresses], triton: FakeTriton) -> str:
    """The gateway's address, as given to --url."""
    return f"http://{running[1].http}"


@pytest.fixture
def png(tmp_path: Path) -> Path:
    """A picture of the class 281."""
    path = tmp_path / "photo.PNG"
    path.write_bytes(picture(281))
    return path


async def test_a_picture_is_classified(url: str, png: Path) -> None:
    """The best classes are listed with their probabilities, then the model, its engine and where the time went."""
    run = await classify(png, "--url", url)
    assert (run.code, run.errors) == (0, "")
    lines = run.output.splitlines()
    assert lines[0] == str(png)
    for line, (wnid, label) in zip(lines[1:6], LABELS[281:286], strict=True):
        assert label in line
        assert wnid in line
    assert "50.0%" in lines[1]
    assert "resnet152 version 1 · weights imagenet-v2 · onnxruntime-cpu · read " in lines[6]
    assert "nothing" not in run.output


async def test_json_lines(url: str, png: Path) -> None:
    """--json prints one line for each picture: the gateway's reply, and the file."""
    run = await classify(png, png, "--top-k", 2, "--json", "--url", f"{url}/")
    first, second = map(json.loads, run.output.splitlines())
    assert first == second
    assert (first["file"], len(first["classes"]), first["model"]["name"]) == (str(png), 2, "resnet152")


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
async def test_every_format_is_declared_by_its_name(url: str, tmp_path: Path, format_: str) -> None:
    """A file is sent with the media type that belongs to its extension, or with none in particular."""
    for name in (f"photo.{format_.lower()}", "photo", "photo.unknown"):
        path = tmp_path / name
        path.write_bytes(encode(photo(64, 48), format_))
        assert (await classify(path, "--json", "--url", url)).code == 0


async def test_a_refused_picture_does_not_stop_the_others(url: str, png: Path, tmp_path: Path) -> None:
    """Each bad file is one line that names it; the good ones are classified; the exit code is 2."""
    wrong, text = tmp_path / "wrong.jpg", tmp_path / "text.txt"
    wrong.write_bytes(picture(1))
    text.write_text("no picture")
    run = await classify(wrong, tmp_path / "missing.png", tmp_path, text, png, "--json", "--url", url)
    assert run.code == 2
    assert json.loads(run.output)["file"] == str(png)
    lines = run.errors.splitlines()
    assert [line.split(":")[0] for line in lines] == ["scoring classify"] * 4
    assert f"{wrong}: " in lines[0]
    assert lines[1].endswith("missing.png cannot be read: No such file or directory")
    assert lines[2].endswith("cannot be read: Is a directory")
    assert f"{text}: " in lines[3]


async def test_random_weights_are_said_loudly(tmp_path: Path, png: Path) -> None:
    """Classes of a model with random weights come with a line that says so."""
    write_image_version(tmp_path / "repository", weights="untrained")
    async with running_triton(FakeTriton()) as triton:
        settings = Settings(port=0, grpc_port=0, triton_url=triton.url, model_repository=str(tmp_path / "repository"))
        async with serving(settings) as addresses:
            run = await classify(png, "--url", f"http://{addresses.http}")
    assert "These classes mean nothing (random weights: for load tests only)." in run.output


async def test_without_a_gateway(png: Path) -> None:
    """Where no gateway answers, one line says how to start one."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    run = await classify(png, png, "--url", f"http://127.0.0.1:{port}")
    assert (run.code, run.output) == (2, "")
    reason = f"no gateway answers at http://127.0.0.1:{port} (Connection refused); start it with: make serve"
    assert run.errors.splitlines() == [f"scoring classify: {reason}"]


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://localhost", "http://", "http://localhost:port", ""])
async def test_a_bad_address(png: Path, url: str) -> None:
    """An address that is none is refused with an example."""
    run = await classify(png, "--url", url)
    assert (run.code, run.errors) == (
        2, f"scoring classify: --url {url}: expected an address such as http://localhost:8080\n"
    )  # fmt: skip


async def test_another_server(png: Path) -> None:
    """A server that is no gateway is told apart from one."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        run = await classify(png, "--url", f"http://127.0.0.1:{port}")
    assert (run.code, run.errors) == (2, f"scoring classify: {png}: HTTP 200; is this a gateway's address?\n")


IMAGE_KEY, FAQ_KEY, SLOW_KEY, EMPTY_KEY = (key.new_key(name) for name in ("ka", "kb", "kc", "kd"))


@pytest.fixture
async def guarded(triton: FakeTriton, repository: Path, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a gateway that asks for keys."""
    image = ["image"]
    keys = (
        entry(IMAGE_KEY, scopes=image),
        entry(FAQ_KEY, client="faq"),
        entry(SLOW_KEY, client="slow", scopes=image),
        entry(EMPTY_KEY, client="empty", scopes=image),
    )
    slow = {"rate": 1, "burst": 1}
    path = tmp_path / "keys.json"
    path.write_bytes(document(*keys, faq={}, slow=slow, empty={"rate": 0.001, "burst": 1}))
    settings = Settings(
        port=0, grpc_port=0, triton_url=triton.url, model_repository=str(repository), keys_file=str(path)
    )
    async with serving(settings) as addresses:
        yield f"http://{addresses.http}"


async def test_a_key_from_the_environment_or_a_file(guarded: str, png: Path, tmp_path: Path) -> None:
    """The key comes from SCORING_API_KEY or a file; the file counts where both are given."""
    file = tmp_path / "key"
    file.write_text(f"{IMAGE_KEY}\n")
    assert (await classify(png, "--json", "--url", guarded, SCORING_API_KEY=IMAGE_KEY)).code == 0
    assert (await classify(png, "--json", "--url", guarded, "--key-file", file, SCORING_API_KEY="wrong")).code == 0


async def test_a_missing_or_wrong_key(guarded: str, png: Path) -> None:
    """One line says that a key is needed, or what is wrong with it, however many pictures there are."""
    run = await classify(png, png, "--url", guarded)
    needed = f"{guarded} asks for an API key; give it with SCORING_API_KEY or --key-file"
    assert (run.code, run.errors) == (2, f"scoring classify: {needed}\n")
    for wrong, reason in (("wrong", "not known"), (FAQ_KEY, "scope image")):
        run = await classify(png, png, "--url", guarded, SCORING_API_KEY=wrong)
        (line,) = run.errors.splitlines()
        assert line.startswith(f"scoring classify: {guarded} refuses the API key: ")
        assert reason in line
        assert wrong not in line


@pytest.mark.parametrize("text", ["two words", "line\nbreak", "kl\u044e\u0447"])
async def test_no_key_at_all(guarded: str, png: Path, text: str) -> None:
    """What no header can carry is refused before anything is sent, and not repeated."""
    run = await classify(png, "--url", guarded, SCORING_API_KEY=text)
    assert run.code == 2
    assert "the API key holds white space or letters that no key has" in run.errors
    assert text not in run.errors


async def test_a_key_file_that_cannot_be_read(guarded: str, png: Path, tmp_path: Path) -> None:
    """The reason is one line."""
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    for path, reason in ((tmp_path / "missing", "No such file or directory"), (binary, "it is no text")):
        run = await classify(png, "--url", guarded, "--key-file", path)
        assert (run.code, run.errors) == (2, f"scoring classify: --key-file {path} cannot be read: {reason}\n")


async def test_a_quota_is_waited_for(guarded: str, png: Path) -> None:
    """Over its quota, the command waits as long as it is told and tries once more; but not for minutes."""
    run = await classify(png, png, "--json", "--url", guarded, SCORING_API_KEY=SLOW_KEY)
    assert (run.code, len(run.output.splitlines())) == (0, 2)
    run = await classify(png, png, "--json", "--url", guarded, SCORING_API_KEY=EMPTY_KEY)
    assert (run.code, len(run.output.splitlines())) == (2, 1)
    assert re.search(r"Try again in \d{2,} s\.$", run.errors.strip())


async def test_https(triton: FakeTriton, repository: Path, png: Path, tmp_path: Path) -> None:
    """An https address needs certificates to trust, from --cacert or SSL_CERT_FILE; what is wrong is one line."""
    cert, private_key = make_pair().write(tmp_path)
    settings = Settings(
        port=0,
        grpc_port=0,
        triton_url=triton.url,
        model_repository=str(repository),
        tls_cert=cert,
        tls_key=private_key,
    )
    async with serving(settings) as addresses:
        url = f"https://{addresses.http}"
        assert (await classify(png, "--json", "--url", url, "--cacert", cert)).code == 0
        assert (await classify(png, "--json", "--url", url, SSL_CERT_FILE=cert)).code == 0
        run = await classify(png, "--url", url)
        assert run.code == 2
        assert run.errors.startswith(f"scoring classify: no gateway answers at {url} (self")
        assert run.errors.endswith("name the certificates to trust with --cacert\n")
        run = await classify(png, "--url", url, "--cacert", tmp_path / "missing")
        assert "--cacert" in run.errors
        assert "No such file or directory" in run.errors
        run = await classify(png, "--url", url.replace("https", "http"))
        assert run.code == 2


async def test_https_to_a_gateway_that_speaks_http(url: str, png: Path) -> None:
    """A gateway without TLS is told apart from one that is not there."""
    run = await classify(png, "--url", url.replace("http", "https"))
    assert run.code == 2
    assert "does it speak TLS?" in run.errors
