"""What the tests of keys and tokens share."""

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.access import key
from tests.gateway.access.issuer import Issuer, running_issuer


def entry(text: str, **changes: Any) -> dict[str, Any]:
    """Return what a key file holds of a key."""
    return {
        "id": text.split("_")[1],
        "client": "web",
        "sha256": key.digest(text.encode()).hex(),
        "scopes": ["faq"],
        "created": "2026-11-25T09:00:00Z",
        **changes,
    }


def document(*keys: dict[str, Any], **clients: dict[str, Any]) -> bytes:
    """Return a key file's content."""
    return json.dumps({"version": 1, "clients": {"web": {}, **clients}, "keys": keys}).encode()


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the code under test has complained of; a gateway that runs for other tests logs, too."""
    warnings = [each for each in caplog.records if each.levelno >= logging.WARNING]
    return [each.getMessage() for each in warnings if each.name.startswith("gateway.access.")]


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """The place of a key file; there is none yet."""
    return tmp_path / "keys.json"


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    """An issuer that answers."""
    async with running_issuer() as issuer:
        yield issuer
