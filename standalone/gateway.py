"""The gateway as a child process: `scoring gateway` of this environment, in front of the embedded Triton."""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from standalone.child import Child
from standalone.errors import StartError
from standalone.ports import LOOPBACK, check_free, fill_in

_EVERYWHERE = "0.0.0.0"  # noqa: S104  compared with, not bound to
_REQUEST_DEADLINE = 1.0  # seconds
START_TIMEOUT = 20.0


class GatewayServer:
    """One gateway process. Create it and call its methods in a thread that outlives it (see `Child`)."""

    name = "gateway"

    def __init__(
        self,
        model_repository: Path,
        triton_address: str,
        *,
        host: str,
        ports: tuple[int, int],
        on_line: Callable[[str], None],
    ) -> None:
        """Take the ports, HTTP then gRPC; 0 takes a free one. Raises SetupError when one is in use."""
        self.ports = fill_in({"--port": ports[0], "--grpc-port": ports[1]})
        check_free(self.ports, host)
        self.url = f"http://{LOOPBACK if host == _EVERYWHERE else host}:{self.ports['--port']}"
        flags = {"--host": host, **self.ports, "--triton-url": triton_address, "--model-repository": model_repository}
        # -m, not the `scoring` script: that one need not be on the PATH.
        self._command = [sys.executable, "-m", "gateway", *(str(word) for flag in flags.items() for word in flag)]
        self._on_line = on_line
        self._child: Child | None = None
        self._launched_at = 0.0

    def launch(self) -> None:
        """Start the process and return at once."""
        self._launched_at = time.monotonic()
        self._child = Child(self._command, self._on_line, environ={**os.environ, "PYTHONUNBUFFERED": "1"})

    def is_ready(self) -> bool:
        """Tell whether /readyz says that a known question gets its known answer.

        Raises StartError when the process ended, or says after 20 s that it is not ready.
        """
        fault = self.fault()
        if fault:
            raise StartError(fault, "see the gateway's lines above")
        reason = self._not_ready()
        if reason and time.monotonic() - self._launched_at > START_TIMEOUT:
            raise StartError(f"the gateway is not ready after {START_TIMEOUT:g} s: {reason}", "see the lines above")
        return reason is None

    def _not_ready(self) -> str | None:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=_REQUEST_DEADLINE):  # noqa: S310  http, ours
                return None
        except urllib.error.HTTPError as error:  # a problem document, RFC 9457
            return str(json.loads(error.read())["detail"])
        except OSError as error:
            return str(error)

    def fault(self) -> str | None:
        """Return why the gateway has to be restarted, None when its process runs."""
        code = self._child.exit_code() if self._child else None
        return None if code is None else f"the gateway ended with exit code {code}"

    def stop(self, grace: float) -> None:
        """End the process; harmless when it is stopped."""
        if self._child:
            self._child.stop(grace)
            self._child = None
