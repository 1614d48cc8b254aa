"""Who is admitted, and who is refused before any work is done."""

import asyncio

import pytest

from gateway.admission import Admission, check_room
from gateway.errors import DeadlineExceededError, OverloadedError


@pytest.mark.parametrize(("newcomers", "waiting"), [(1, 0), (1, 9), (10, 0), (500, 0)])
def test_room(newcomers: int, waiting: int) -> None:
    """There is room up to the limit, and for a list of any length where nobody waits."""
    check_room(newcomers, waiting, 10, "images")


@pytest.mark.parametrize(("newcomers", "waiting"), [(1, 10), (2, 9), (10, 1)])
def test_no_room(newcomers: int, waiting: int) -> None:
    """Beyond the limit, the error says how many may wait and how many do."""
    with pytest.raises(OverloadedError, match="Too many images are waiting") as caught:
        check_room(newcomers, waiting, 10, "images")
    assert (caught.value.limit, caught.value.received) == (10, waiting)


def test_places_are_given_back() -> None:
    """A place is free again when its request ends, however it ends."""
    admission = Admission(3, 5.0, "images")
    with admission.admitted(2):
        with pytest.raises(OverloadedError), admission.admitted(2):
            pytest.fail("there was no room")
        assert admission.waiting == 2
    for error in (ValueError, DeadlineExceededError, asyncio.CancelledError):
        with pytest.raises(error), admission.admitted(3):
            raise error("")
    assert admission.waiting == 0


async def busy(admission: Admission, error: type[BaseException] | None = None) -> None:
    """Take a tenth of a second for a request, and end it as told."""
    with admission.admitted(1):
        await asyncio.sleep(0.1)
        if error is not None:
            raise error("")


async def test_nothing_is_admitted_that_will_be_late() -> None:
    """Where a full queue would outlast the deadline, fewer may wait, until answers come quickly again."""
    admission = Admission(100, 0.6, "images")
    await busy(admission)
    room = admission.room
    assert 1 <= room <= 4
    with admission.admitted(1), pytest.raises(OverloadedError) as caught, admission.admitted(4):
        pytest.fail("there was no room")
    assert (caught.value.limit, caught.value.received) == (room, 1)
    for _ in range(100):
        with admission.admitted(1):
            pass
    assert admission.room == 100


async def test_what_the_pace_is_learnt_from() -> None:
    """A request that ran out of time slows the pace down; one that failed or was given up says nothing about it."""
    admission = Admission(100, 0.15, "images")
    for error in (ValueError, asyncio.CancelledError):
        with pytest.raises(error):
            await busy(admission, error)
    assert admission.room == 100
    with pytest.raises(DeadlineExceededError):
        await busy(admission, DeadlineExceededError)
    assert admission.room <= 1
