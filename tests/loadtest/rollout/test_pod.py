"""Pods: how they become ready, and how they end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter

import pytest

from loadtest.errors import LoadTestError
from loadtest.rollout.pod import Pod
from loadtest.rollout.timeline import Timeline
from loadtest.rollout.workload import Timings
from tests.loadtest.rollout.pods import pod, timings

ADDRESS = "127.83.1.1"


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something has come about in another process."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.01)


@asynccontextmanager
async def running(folder: Path, chosen: Timings, *words: str) -> AsyncIterator[tuple[Pod, Timeline]]:
    """A pod that has become ready."""
    timeline = Timeline(perf_counter)
    started = pod("one", ADDRESS, folder, timeline, chosen, *words)
    try:
        await until(lambda: started.ready)
        yield started, timeline
    finally:
        await started.close()


def said(timeline: Timeline) -> list[str]:
    """Return what happened, in order."""
    return [event.what for event in timeline.events]


async def test_end_in_time(tmp_path: Path) -> None:
    """It is no endpoint from the moment on in which it is deleted, and gets its signal when the hook is over."""
    async with running(tmp_path, timings(pre_stop=0.3)) as (started, timeline):
        started.delete()
        assert not started.ready
        await until(lambda: started.gone)
    assert not started.killed
    assert said(timeline) == ["started", "ready", "terminating", "SIGTERM", "ended, exit code 0"]
    times = {event.what: event.at for event in timeline.events}
    assert times["SIGTERM"] - times["terminating"] >= 0.29


async def test_grace_that_is_too_short(tmp_path: Path) -> None:
    """Who does not end in time, the hook's time included, is killed, and that is told."""
    async with running(tmp_path, timings(pre_stop=0.2, grace=0.5), "stubborn") as (started, timeline):
        started.delete()
        await until(lambda: started.gone)
    assert started.killed
    assert said(timeline)[2:] == ["terminating", "SIGTERM", "killed", "ended, exit code -9"]


async def test_readiness_comes_and_goes(tmp_path: Path) -> None:
    """It takes as many failures in a row as the probe says, and one success to be back."""
    async with running(tmp_path, timings()) as (started, _):
        status = tmp_path / "one.status"
        status.write_text("503")
        await until(lambda: not started.ready)
        status.write_text("200")
        await until(lambda: started.ready)


async def test_available_is_later_than_ready(tmp_path: Path) -> None:
    """A roll-out counts a pod that has been ready for minReadySeconds."""
    async with running(tmp_path, timings(min_ready=0.5)) as (started, _):
        assert not started.available
        await until(lambda: started.available)


async def test_program_that_ends_by_itself_is_a_failure(tmp_path: Path) -> None:
    """The cluster's run ends with what it printed."""
    timeline = Timeline(perf_counter)
    started = pod("one", "192.0.2.1", tmp_path, timeline, timings())  # no address of this machine
    with pytest.raises(LoadTestError, match="ended by itself") as caught:
        await until(lambda: started.ready)
    assert "OSError" in caught.value.hint
    assert started.gone
