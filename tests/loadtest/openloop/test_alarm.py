"""The clock of the open-loop drivers."""

import asyncio
from time import perf_counter

from loadtest.openloop.alarm import Alarm


async def test_alarm_goes_off_when_it_is_set_to() -> None:
    """Never before its time; at once where that is over; and as often as it is set."""
    times = [perf_counter() + 0.02, perf_counter() + 0.0204, 1.0]
    seen: list[float] = []
    done = asyncio.Event()

    def on_time() -> None:
        seen.append(perf_counter())
        alarm.set(times[len(seen)] if len(seen) < len(times) else None)
        if len(seen) == len(times):
            done.set()

    alarm = Alarm(on_time)
    alarm.set(times[0])
    await done.wait()
    await asyncio.sleep(0.05)
    alarm.close()
    assert len(seen) == 3
    assert all(late >= early for late, early in zip(seen, times, strict=True))
