"""Keep the services of this machine running: start them in order, restart what dies, stop all of them in time.

One thread does everything, in short steps: the kernel kills a child when the thread that started it ends, and a
signal is acted on within one step.
"""

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Protocol

from standalone.backoff import Backoff
from standalone.console import Console
from standalone.errors import StandaloneError, StartError

TICK = 0.05  # seconds between two looks at a service
# Stopping may take 5 s in all. Services stop one after the other, in the reverse order of their start.
STOP_TIMEOUT = 4.5
STOP_SHARE = 2.5


class Service(Protocol):
    """A server of one or more processes; no method may block for more than about a second, but for `stop`."""

    name: str

    def launch(self) -> None:
        """Start the processes and return."""

    def is_ready(self) -> bool:
        """Tell whether it works; raises StartError when it never will, or took too long."""

    def fault(self) -> str | None:
        """Return why it has to be restarted, None when it works."""

    def stop(self, grace: float) -> None:
        """End all processes within `grace` seconds, and leave nothing behind; harmless when stopped."""


class Supervisor:
    """Runs services until a signal comes. Use it in the main thread."""

    def __init__(self, services: Sequence[Service], console: Console) -> None:
        self._services = [_Supervised(service, console, time.monotonic) for service in services]
        self._console = console
        self._stopping = threading.Event()

    def run(self, on_ready: Callable[[], None]) -> None:
        """Start the services one after the other, call `on_ready`, keep them running until a signal comes.

        Raises StartError when a service cannot be started for the first time; nothing is left running then.
        """
        with self._signals_handled():
            try:
                for count, newest in enumerate(self._services, start=1):
                    while not newest.was_ready and self._continues():
                        self._step(count)
                if self._continues():
                    on_ready()
                while self._continues():
                    self._step(len(self._services))
                self._console.write("scoring", "stopping; Ctrl-C once more to stop at once")
            finally:
                self._stop()

    def _continues(self) -> bool:
        return not self._stopping.is_set()

    def _step(self, count: int) -> None:
        for service in self._services[:count]:
            service.step()
        self._stopping.wait(TICK)

    def _stop(self) -> None:
        deadline = time.monotonic() + STOP_TIMEOUT
        try:
            for service in reversed(self._services):
                service.stop(min(STOP_SHARE, max(deadline - time.monotonic(), 0)))
        except KeyboardInterrupt:
            for service in reversed(self._services):
                service.stop(grace=0)

    @contextlib.contextmanager
    def _signals_handled(self) -> Iterator[None]:
        signals = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as under nohup
            signals.append(signal.SIGHUP)
        before = {number: signal.signal(number, self._on_signal) for number in signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._stopping.is_set():
            raise KeyboardInterrupt  # the second one: do not wait any longer
        self._stopping.set()


class _Supervised:
    """One service between its starts: `_next` is what is done with it when `_due` has come."""

    def __init__(self, service: Service, console: Console, clock: Callable[[], float]) -> None:
        self.was_ready = False
        self.stop = service.stop
        self._service = service
        self._console = console
        self._clock = clock
        self._backoff = Backoff(clock)
        self._next = self._launch
        self._due = self._launched_at = clock()

    def step(self) -> None:
        """Do what is due. Raises StartError when the service fails before it was ever ready."""
        if self._clock() >= self._due:
            try:
                self._next()
            except StandaloneError as error:
                self._fail(error)
            except OSError as error:  # a full disk, no process left
                self._fail(StartError(f"{self._service.name} cannot be started: {error}", "see what the system lacks"))

    def _launch(self) -> None:
        self._launched_at = self._clock()
        self._service.launch()
        self._next = self._await_ready

    def _await_ready(self) -> None:
        if self._service.is_ready():
            waited = self._clock() - self._launched_at
            self._console.write("scoring", f"{self._service.name} is ready after {waited:.1f} s")
            self._backoff.ready()
            self.was_ready = True
            self._next = self._watch

    def _watch(self) -> None:
        fault = self._service.fault()
        if fault:
            raise StartError(fault, "see the lines above")

    def _fail(self, error: StandaloneError) -> None:
        self._service.stop(grace=0)
        if not self.was_ready:
            raise error
        wait = self._backoff.failed()
        self._due = self._clock() + wait
        self._next = self._launch
        self._console.write("scoring", f"{self._service.name}: {error}; it is started again in {wait:.1f} s", "warning")
