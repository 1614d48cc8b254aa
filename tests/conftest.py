"""What is expensive and wanted in several places: made once for a run."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.async_api import Browser, async_playwright

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


@pytest.hookimpl(tryfirst=True)  # the plugin that shares the work reads the groups in this same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a package in one process, where several share the work (`make test`): they share fixtures."""
    for item in items:
        package = item.path.relative_to(TESTS).parts[0]
        item.add_marker(pytest.mark.xdist_group(package))


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
