"""The gateway's image: its installation is executed as its Dockerfile says, and what it installed serves."""

import asyncio
import json
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.gateway.gateway_process import free_ports
from tests.k8s.images.dockerfile import IMAGES, parse
from tests.k8s.images.sandbox import Built, catches
from tests.test_layers import TRAINING

DOCKERFILE = parse(IMAGES / "gateway" / "Dockerfile")
# Folders of the project, and tools of builds, that a gateway does without.
ABSENT = TRAINING | {"converters", "standalone", "loadtest", "doctor", "registry", "k8s", "azure", "pip", "setuptools"}
LARGEST = 300e6  # bytes, bytecode included
UNCHECKED_HASH = 1  # flags of a .pyc file (PEP 552)


def test_nothing_of_training_or_building_is_inside(gateway_image: Built) -> None:
    """No training library can be imported, no file of another folder of the project is there, nor is pip."""
    code = f"import importlib.util as i; print([name for name in {sorted(ABSENT)} if i.find_spec(name)])"
    assert gateway_image.run("python", "-c", code).stdout.strip() == "[]"
    ours = {path.name for path in gateway_image.packages.iterdir() if (path / "__init__.py").exists()}
    assert {"gateway", "preprocessing"} <= ours
    assert not ours & ABSENT


def test_it_is_small_and_compiled(gateway_image: Built) -> None:
    """Each module of ours has bytecode that never looks at its source; all together stay within their size."""
    for package in ("gateway", "preprocessing"):
        for module in (gateway_image.packages / package).rglob("*.py"):
            (compiled,) = (module.parent / "__pycache__").glob(f"{module.stem}.cpython-*.pyc")
            assert int.from_bytes(compiled.read_bytes()[4:8], "little") == UNCHECKED_HASH, module
    assert sum(file.stat().st_size for file in (gateway_image.folder / "opt").rglob("*") if file.is_file()) < LARGEST


def test_commands_that_belong_elsewhere_say_so(gateway_image: Built) -> None:
    """`scoring` lists all commands; one whose code is not inside says what is missing, without a traceback."""
    assert "convert" in gateway_image.run("scoring", "--help").stdout
    refused = gateway_image.run("scoring", "convert", "faq")
    assert refused.returncode == 1
    assert refused.stderr.startswith("scoring convert: the Python module 'converters' is not installed")


def test_it_is_not_open_to_everyone_by_mistake(gateway_image: Built, tmp_path: Path) -> None:
    """Listening for the whole network, it wants keys; with a key file of its own `scoring keys`, all is well."""
    refused = gateway_image.run("scoring", "gateway", "--check")
    assert refused.returncode == 2
    assert "anonymous" in refused.stderr
    file = str(tmp_path / "keys.json")
    made = gateway_image.run("scoring", "keys", "new", "--client", "tester", "--scope", "faq", "--keys-file", file)
    assert made.returncode == 0, made.stderr
    checked = gateway_image.run("scoring", "gateway", "--check", SCORING_KEYS_FILE=file)
    assert (checked.returncode, checked.stderr) == (0, "")


async def test_it_serves_is_healthy_and_ends_on_sigterm(gateway_image: Built, tmp_path: Path) -> None:
    """The health check finds it, pages are inside, SIGTERM ends it, and it has written nowhere."""
    before = _times(gateway_image.folder, tmp_path)
    (http, grpc), (metrics, _) = free_ports(), free_ports()
    ports = {"SCORING_PORT": str(http), "SCORING_GRPC_PORT": str(grpc), "SCORING_METRICS_PORT": str(metrics)}
    async with _running(gateway_image, tmp_path, **ports, SCORING_ALLOW_ANONYMOUS="true", SCORING_GRACE="1") as child:
        async with asyncio.timeout(60):
            while not await _healthy(gateway_image, metrics):
                assert child.returncode is None, "the gateway ended before it served"
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{http}", trust_env=False) as client:
            assert [(await client.get(path)).status_code for path in ("/", "/docs", "/openapi.json")] == [200] * 3
        assert catches(child.pid, signal.SIGTERM)
        child.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(child.wait(), 30) == 0
    assert not await _healthy(gateway_image, metrics)
    assert _times(gateway_image.folder, tmp_path) == before


def test_base_image_is_left_without_pip(base: Path, tmp_path: Path) -> None:
    """The step of the image that takes pip away works on what the base image has."""
    copy = tmp_path / "base"
    shutil.copytree(base, copy, symlinks=True)
    (run,) = DOCKERFILE.stage("").all("RUN")
    python = copy / "bin" / "python"
    done = subprocess.run([python, *run.words[1:]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert subprocess.run([python, "-c", "import pip"], stderr=subprocess.DEVNULL, check=False).returncode == 1


@asynccontextmanager
async def _running(image: Built, place: Path, **variables: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The image's own command in a folder that has to stay empty; killed at the end if it has not gone by itself."""
    program, *arguments = [*_list("ENTRYPOINT"), *_list("CMD")]
    child = await asyncio.create_subprocess_exec(
        image.folder / "opt/venv/bin" / program,
        *arguments,
        env=image.environment(TMPDIR=str(place), **variables),
        cwd=place,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def _healthy(image: Built, metrics: int) -> bool:
    """Ask as the image's HEALTHCHECK does, but of another port."""
    check = DOCKERFILE.final("HEALTHCHECK")
    assert check
    assert check.rest.count("9090") == 1
    python, *arguments = json.loads(check.rest.removeprefix("CMD").replace("9090", str(metrics)))
    child = await asyncio.create_subprocess_exec(
        image.folder / "opt/venv/bin" / python, *arguments, env=image.environment(), stderr=asyncio.subprocess.DEVNULL
    )
    return await child.wait() == 0


def _times(*folders: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for folder in folders for path in folder.rglob("*")}


def _list(word: str) -> list[str]:
    instruction = DOCKERFILE.final(word)
    assert instruction
    assert instruction.exec_form
    return instruction.exec_form
