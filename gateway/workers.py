"""Several processes behind one pair of ports: started, watched, started again, and stopped together.

The kernel spreads new connections among the sockets that listen on a port (SO_REUSEPORT, socket(7)). This process
serves nothing: it holds both ports, so that no other program gets in between, and looks after its workers.
"""

import asyncio
import logging
import os
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import fields, replace
from pathlib import Path

from gateway.listening import Endpoint, reserved
from gateway.process import ending_signals
from gateway.server import announced
from gateway.settings import Settings, env_name
from gateway.tls import check_pair
from gateway.worker_handle import WorkerHandle
from gateway.worker_slot import Orders, WorkerSlot

_log = logging.getLogger(__name__)

_SLACK = 10.0  # seconds beyond drain and grace after which a worker that should have ended is killed


async def supervise(settings: Settings) -> int:
    """Run the workers until SIGTERM or SIGINT; return the exit code. Raises AddressError and SettingsError.

    A second signal ends everything at once.
    """
    check_pair(settings)
    with ExitStack() as stack:
        http = stack.enter_context(reserved("HTTP", Endpoint(settings.host, settings.port), "--port"))
        grpc = stack.enter_context(reserved("gRPC", Endpoint(settings.host, settings.grpc_port), "--grpc-port"))
        if settings.metrics_port:
            stack.enter_context(reserved("HTTP", Endpoint(settings.host, settings.metrics_port), "--metrics-port"))
        settings = replace(settings, port=http.getsockname()[1], grpc_port=grpc.getsockname()[1])
        folder = Path(tempfile.mkdtemp(prefix="scoring-gateway-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        return await _Workers(settings, folder).run()


class _Workers:
    """The workers of one run; the first one starts alone, so that what keeps it from starting is said once."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._environ = os.environ | {env_name(each): str(getattr(settings, each.name)) for each in fields(settings)}
        self._orders = Orders()
        self._slots = [WorkerSlot(number, self._start, self._orders) for number in range(settings.workers)]

    async def run(self) -> int:
        loop = asyncio.get_running_loop()
        for number in ending_signals():
            loop.add_signal_handler(number, self._on_signal, number)
        first, *others = self._slots
        keeping = [asyncio.create_task(first.keep(vital=True))]
        if await first.came_up(keeping[0]):
            keeping += [asyncio.create_task(each.keep()) for each in others]
            announcing = asyncio.create_task(self._announce())
            codes = await asyncio.gather(*keeping)
            announcing.cancel()
        else:
            codes = [await keeping[0]]
        return self._orders.exit_code or next((_exit_code(code) for code in codes if code), 0)

    async def _start(self, number: int) -> WorkerHandle:
        return await WorkerHandle.start(number, self._folder, self._environ)

    async def _announce(self) -> None:
        for slot in self._slots:
            await slot.ready.wait()
        _log.info("%s, %d workers", announced(self._settings), self._settings.workers)

    def _on_signal(self, number: int) -> None:
        if self._orders.signal:
            self._orders.exit_code = _exit_code(-number)
            self._orders.patience = 0.0
        else:
            _log.info("stopping")
            self._orders.stop(number, self._settings.drain_delay + self._settings.grace + _SLACK)
        for slot in self._slots:
            slot.obey()


def _exit_code(code: int) -> int:
    """Return a process's code as shells say it."""
    return code if code >= 0 else 128 - code
