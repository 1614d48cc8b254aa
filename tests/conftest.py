"""What is expensive and wanted in several places: made once for a run."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from playwright.async_api import Browser, async_playwright
from xdist.scheduler import LoadScopeScheduling

from converters.image.conversion import Options, convert
from tests.browser import CHROMIUM

TESTS = Path(__file__).parent

# The same examples in every run, so that a failure is of the change at hand; however busy the machine, none fails for
# want of time.
settings.register_profile(
    "suite",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("suite")


class ByPackage(LoadScopeScheduling):  # type: ignore[misc]  # the plugin carries no types
    """Keeps the tests of a package in one process: they share what is expensive, and fixed addresses."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.split("/")[1]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByPackage:
    """Share packages between the processes of `make test`."""
    return ByPackage(config, log)


@pytest.fixture(scope="session")
def resnet152_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model repository with the whole ResNet-152, random weights, as a new user without network gets it.

    Tests that change anything work on a copy.
    """
    folder = tmp_path_factory.mktemp("resnet152")
    convert(folder, Options(weights="untrained"))
    return folder


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Headless Chromium that calls nobody by itself."""
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield started
        await started.close()
