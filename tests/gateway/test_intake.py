"""The limit of all bodies together."""

import pytest

from gateway.errors import OverloadedError
from gateway.intake import Intake


def test_bytes_go_back() -> None:
    """What a request took is free again when it ends, whether it succeeds, fails or is refused."""
    intake = Intake(100)
    with intake.held_by_one() as take:
        take(60)
        with intake.held_by_one() as other:
            other(40)
            with pytest.raises(OverloadedError) as caught:
                other(1)
        assert (caught.value.limit, caught.value.received) == (100, 101)
        assert intake.held == 60
        take(40)
    assert intake.held == 0
    with pytest.raises(ZeroDivisionError), intake.held_by_one() as take:
        take(1 // 0)
    assert intake.held == 0
