"""Transports differ between event loops: tests of connections run on the gateway's own."""

from asyncio import AbstractEventLoop
from collections.abc import Callable, Mapping

import pytest
import uvloop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], AbstractEventLoop]]:
    """Make uvloop's event loops."""
    return {"uvloop": uvloop.new_event_loop}
