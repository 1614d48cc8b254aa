"""The quota of those who name none."""

import pytest

from gateway.access.client import Quota
from gateway.access.default_quota import quota
from gateway.settings import Settings

SET = Settings(client_rate=10.5, client_burst=40, client_concurrent=8)


@pytest.mark.parametrize(
    ("settings", "own", "expected"),
    [
        (Settings(), (None, None, None), Quota(None, 1, None)),
        (SET, (None, None, None), Quota(10.5, 40, 8)),
        (Settings(client_rate=10.5), (None, None, None), Quota(10.5, 11, None)),
        (Settings(client_rate=0.1), (None, None, None), Quota(0.1, 1, None)),
        (SET, (100, None, None), Quota(100, 100, 8)),
        (SET, (100, 3, 2), Quota(100, 3, 2)),
        (SET, (None, 3, None), Quota(10.5, 3, 8)),
        (SET, (0, None, 0), Quota(None, 1, None)),
        (SET, (100, 0, None), Quota(100, 100, 8)),
    ],
)
def test_quota(settings: Settings, own: tuple[float | None, int | None, int | None], expected: Quota) -> None:
    """What a client does not name is taken from the settings; 0 sets no limit; a burst follows its rate."""
    assert quota(settings, *own) == expected
