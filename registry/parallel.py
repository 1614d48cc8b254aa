"""A few files at a time: what bounds memory and connections."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from threading import Event
from typing import TypeVar

from registry.interruption import Interruption

AT_ONCE = 4  # each holds one piece of a file

T = TypeVar("T")


class _StoppedError(Exception):
    """Another file failed."""


def for_each(
    items: Iterable[T], work: Callable[[T, Callable[[int], None]], None], on_bytes: Callable[[int], None]
) -> None:
    """Call `work(item, advance)` for all items; it calls `advance` with the bytes of each piece that it has dealt with.

    The first failure stops the others at their next piece, and is raised.
    """
    stop = Event()

    def advance(size: int) -> None:
        if stop.is_set():
            raise _StoppedError
        on_bytes(size)

    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        for done in as_completed([pool.submit(work, item, advance) for item in items]):
            done.result()
    except BaseException as error:
        stop.set()
        pool.shutdown(wait=not isinstance(error, Interruption), cancel_futures=True)
        raise
    pool.shutdown()
