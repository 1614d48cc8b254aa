"""A process of the gateway, from its start to its exit: signals, files, the garbage collector."""

import asyncio
import gc
import logging
import resource
import signal
from collections.abc import Callable

import uvloop

from gateway.memory import return_large_blocks
from gateway.server import Addresses, running
from gateway.settings import Settings
from gateway.worker import ALONE, Worker

_log = logging.getLogger(__name__)

OnStarted = Callable[[Addresses], None]

_SPARE_FILES = 512  # beyond HTTP connections: those to Triton and of gRPC, catalogs, logs


def run_here(settings: Settings, worker: Worker = ALONE, on_started: OnStarted | None = None) -> None:
    """Serve in this process until SIGTERM or SIGINT. Raises AddressError and SettingsError."""
    return_large_blocks()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(settings, worker, on_started or _announce))


async def _run(settings: Settings, worker: Worker, on_started: OnStarted) -> None:
    _allow_files(settings.max_connections + _SPARE_FILES)
    signals = _Signals()
    async with running(settings, worker) as servers:
        _calm_collector()
        on_started(servers.addresses)
        number = await signals.first()
        # Ctrl-C comes from someone who waits at a terminal, and not from a balancer that has to notice first.
        delay = settings.drain_delay if number == signal.SIGTERM else 0.0
        if worker is ALONE:  # else its supervisor says so, once for all
            _log.info("stopping")
        await servers.drain(delay)


def ending_signals() -> list[signal.Signals]:
    """Return the signals that end the gateway: SIGTERM, Ctrl-C, and a terminal that is closed (but for `nohup`)."""
    closed = [signal.SIGHUP] if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN else []
    return [signal.SIGTERM, signal.SIGINT, *closed]


def _announce(addresses: Addresses) -> None:
    _log.info("%s", addresses)


class _Signals:
    """Those that end the process: the first is waited for, the second takes its usual course."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._first: asyncio.Future[int] = self._loop.create_future()
        for number in ending_signals():
            self._loop.add_signal_handler(number, self._note, number)

    async def first(self) -> int:
        return await self._first

    def _note(self, number: int) -> None:
        self._first.set_result(number)
        for each in ending_signals():
            self._loop.remove_signal_handler(each)
            signal.signal(each, signal.SIG_DFL)


def _allow_files(count: int) -> None:
    """Raise the limit of open files to what the settings need, as far as the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    if wanted < count:
        _log.warning("at most %d files may be open, and max_connections asks for %d; see ulimit -n", wanted, count)


def _calm_collector() -> None:
    """Keep the garbage collector from walking, time and again, through what lives as long as the process.

    Modules and catalog are frozen; a request leaves next to no cycles behind, so rarer rounds find as much.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 50, 100)
