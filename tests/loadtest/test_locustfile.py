"""Locust as users run it: a process of its own, against a real gateway with keys and TLS and a Triton behind it."""

import asyncio
import csv
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from gateway.access import key
from gateway.server import serving
from gateway.settings import Settings
from loadtest.processes import free_ports
from tests.gateway.access.conftest import document, entry
from tests.gateway.certificates import make_pair
from tests.gateway.fake_triton import FakeTriton, running_triton
from tests.gateway.faq import write_version
from tests.gateway.image_model import write_image_version

LOCUSTFILE = Path(__file__).parents[2] / "loadtest" / "locustfile.py"
KEY = key.new_key("locust")
SINGLE = ["FaqHttpUser", "FaqGrpcUser", "ImageHttpUser", "ImageGrpcUser", "TritonFaqUser", "TritonImageUser"]
HEADLESS = ["--headless", "--only-summary", "--spawn-rate", "100"]


class Run(NamedTuple):
    """What a run left behind."""

    code: int | None
    printed: str

    @property
    def verdicts(self) -> list[tuple[str, str]]:
        """The rows of the table at the end: verdict and subject."""
        return re.findall(r"\b(met|MISSED)\b\W+((?:faq|image|all)[^:]*: [a-z0-9.]+)", self.printed)


class Stack(NamedTuple):
    """Where requests go, and what they need to get in."""

    hosts: list[str]
    environment: dict[str, str]


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """The gateway, which speaks TLS alone and asks for keys, in front of the fake Triton."""
    folder = tmp_path_factory.mktemp("stack")
    write_version(folder)
    write_image_version(folder)
    cert, private_key = make_pair().write(folder)
    keys = folder / "keys.json"
    keys.write_bytes(document(entry(KEY, scopes=["faq", "image"])))
    async with running_triton(FakeTriton()) as triton:
        settings = Settings(
            port=0,
            grpc_port=0,
            triton_url=triton.url,
            model_repository=str(folder),
            keys_file=str(keys),
            tls_cert=cert,
            tls_key=private_key,
            log_requests="none",
        )
        async with serving(settings) as addresses:
            hosts = ["--host", f"https://{addresses.http}/", "--grpc-host", f"https://{addresses.grpc}"]
            yield Stack([*hosts, "--triton-host", triton.url], {"SSL_CERT_FILE": cert, "SCORING_API_KEY": KEY})


async def _start(folder: Path, *arguments: str, environ: Mapping[str, str]) -> asyncio.subprocess.Process:
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), *arguments]
    return await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        stdin=asyncio.subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], **environ},
        cwd=folder,
        start_new_session=True,
    )


async def _locust(folder: Path, *arguments: str, environ: Mapping[str, str]) -> Run:
    process = await _start(folder, *arguments, environ=environ)
    printed, _ = await asyncio.wait_for(process.communicate(), 60)
    return Run(process.returncode, printed.decode())


async def test_every_user(stack: Stack, tmp_path: Path) -> None:
    """All protocols are counted by name, reports are written and hold no key, and met objectives end with 0."""
    slo = ["--slo", "errors<0.1%,refused<1%", "--slo", "image: p99<30s"]
    reports = ["--csv", "out/run", "--html", "out/run.html"]
    run = await _locust(
        tmp_path, *HEADLESS, "-u", "6", "-t", "2s", *stack.hosts, *slo, *reports, *SINGLE, environ=stack.environment
    )
    assert run.code == 0, run.printed
    with (tmp_path / "out" / "run_stats.csv").open() as file:
        rows = {(row["Type"], row["Name"]): row for row in csv.DictReader(file)}
    expected = {(protocol, name) for protocol in ("HTTP", "gRPC", "Triton") for name in ("faq", "image")}
    assert set(rows) == expected | {("", "Aggregated")}
    assert all(int(row["Failure Count"]) == 0 < int(row["Request Count"]) for row in rows.values())
    assert sorted(run.verdicts) == [
        ("met", "all requests: errors"),
        ("met", "all requests: refused"),
        *(("met", f"image over {protocol}: p99") for protocol in ("HTTP", "Triton", "gRPC")),
    ]
    for text in (run.printed, *(path.read_text() for path in (tmp_path / "out").iterdir())):
        assert KEY not in text


async def test_processes(stack: Stack, tmp_path: Path) -> None:
    """Workers run the mix in steps, the master judges what they all saw, and a missed objective ends with 1."""
    shape = ["--processes", "2", "--shape", "step", "--steps", "2", "-u", "4", "-t", "4s"]
    slo = ["--slo", "errors<0.1%", "--slo", "faq: p50<1us"]
    run = await _locust(tmp_path, *HEADLESS, *shape, *stack.hosts, *slo, environ=stack.environment)
    assert run.code == 1, run.printed
    assert "2 workers connected" in run.printed
    assert "Shape test updating to 2 users" in run.printed
    assert "Shape test updating to 4 users" in run.printed
    assert run.printed.count("Objectives") == 1
    assert ("met", "all requests: errors") in run.verdicts
    assert ("MISSED", "faq over HTTP: p50") in run.verdicts
    assert "terminate called" not in run.printed


async def test_nobody_lets_anybody_in(stack: Stack, tmp_path: Path) -> None:
    """A wrong key and a server that is not there are named, with what to do; Ctrl-C keeps what was seen."""
    hosts = [*stack.hosts[:2], "--grpc-host", f"127.0.0.1:{free_ports(1)[0]}"]
    environ = {**stack.environment, "SCORING_API_KEY": "wrong"}
    process = await _start(
        tmp_path, *HEADLESS, "-u", "2", *hosts, "--html", "run.html", "FaqHttpUser", "FaqGrpcUser", environ=environ
    )
    assert process.stdout
    async with asyncio.timeout(180):
        while b"All users spawned" not in await process.stdout.readline():
            assert process.returncode is None
        await asyncio.sleep(1)
        process.send_signal(signal.SIGINT)
        printed, _ = await process.communicate()
    run = Run(process.returncode, printed.decode())
    assert run.code == 1
    assert "HTTP faq: 401 unauthenticated" in run.printed
    assert "gRPC faq: unreachable: Connection refused" in run.printed
    assert "set SCORING_API_KEY" in run.printed
    assert f"Nobody answers at {' '.join(hosts[2:])}: start the service with `make serve`" in run.printed
    assert run.verdicts == [("MISSED", "all requests: errors"), ("met", "all requests: refused")]
    assert "401 unauthenticated" in (tmp_path / "run.html").read_text()


async def test_a_command_line_that_cannot_be_followed(tmp_path: Path) -> None:
    """It ends at once with 2, and with what is wrong."""
    run = await _locust(tmp_path, *HEADLESS, "--slo", "faq: p99<50", environ={})
    assert run.code == 2
    assert "argument --slo: 'p99<50': p99 has no unit ''; write for instance p99<50ms" in run.printed
    assert "Traceback" not in run.printed
