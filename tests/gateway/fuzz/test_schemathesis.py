"""The gateway keeps what its OpenAPI document promises, whatever is sent to it: schemathesis, with every check."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from gateway.access import key
from tests.gateway.access.conftest import document, entry
from tests.gateway.fake_triton import FakeTriton, running_triton
from tests.gateway.gateway_process import MIB, GatewayProcess, gateway_process

ROOT = Path(__file__).parents[3]
CONFIG = Path(__file__).parent / "schemathesis.toml"
EXAMPLES = "25"  # generated for each operation, on top of those that follow from its schema
KEY = key.new_key("ka")


async def _try(gateway: GatewayProcess, folder: Path, *flags: str) -> str:
    """Run schemathesis on what the gateway says about itself; return its report, "" if it found nothing."""
    program = shutil.which("schemathesis") or str(ROOT / ".venv" / "bin" / "schemathesis")
    child = await asyncio.create_subprocess_exec(
        program, "--no-color", "--config-file", str(CONFIG), "run", f"http://{gateway.http}/openapi.json",
        "--max-examples", EXAMPLES, "--request-timeout", "60", *flags,
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await asyncio.wait_for(child.communicate(), 600)
    return output.decode() if child.returncode else ""


@pytest.mark.parametrize("guarded", [False, True], ids=["open", "keys"])
async def test_the_document_holds(repository: Path, tmp_path: Path, guarded: bool) -> None:
    """No request finds a reply, header or server error that is not documented; nothing is lost, nothing grows."""
    keys = tmp_path / "keys.json"
    keys.write_bytes(document(entry(KEY, scopes=["faq", "image", "admin"]), web={"rate": 10_000, "concurrent": 100}))
    flags = ["-H", f"Authorization: Bearer {KEY}"] if guarded else []
    async with running_triton(FakeTriton()) as triton:
        settings = {"triton_url": triton.url, "model_repository": repository, "keys_file": keys if guarded else ""}
        async with gateway_process(tmp_path / "log", **settings) as gateway:  # type: ignore[arg-type]  # no `module`
            report = await _try(gateway, tmp_path, *flags)
            assert report == "", report
            assert gateway.alive
            assert gateway.memory() < 400 * MIB
    assert KEY not in (tmp_path / "log").read_text()
