"""The gateway as a child process: `scoring gateway` of this environment, in front of the embedded Triton."""

import json
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from standalone.child import Child
from standalone.errors import SetupError, StartError
from standalone.ports import LOOPBACK, check_free, fill_in

_EVERYWHERE = "0.0.0.0"  # noqa: S104  compared with, not bound to
_REQUEST_DEADLINE = 2.0  # seconds; the gateway says after 1.5 s what it knows of a model that is being asked
START_TIMEOUT = 20.0

# The console is read by people: they get lines they can read, and none for each request.
_FOR_PEOPLE = {"SCORING_LOG_FORMAT": "text", "SCORING_LOG_REQUESTS": "errors"}

# The probe tells our own child nothing; its certificate is made for the service's name, by whoever signs for that.
_UNVERIFIED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_UNVERIFIED.check_hostname = False
_UNVERIFIED.verify_mode = ssl.CERT_NONE


class Health(NamedTuple):
    """Whether requests are answered, and what is wrong; with several models some may answer and others not."""

    answers: bool
    fault: str | None


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
        self.certificate = os.environ.get("SCORING_TLS_CERT") or None
        scheme = "https" if self.certificate else "http"
        self.url = f"{scheme}://{LOOPBACK if host == _EVERYWHERE else host}:{self.ports['--port']}"
        flags = {"--host": host, **self.ports, "--triton-url": triton_address, "--model-repository": model_repository}
        # -m, not the `scoring` script: that one need not be on the PATH.
        self._command = [sys.executable, "-m", "gateway", *(str(word) for flag in flags.items() for word in flag)]
        self._on_line = on_line
        self._child: Child | None = None
        self._launched_at = 0.0

    def check(self) -> None:
        """Raise SetupError when the gateway would refuse its settings, before anything is started."""
        done = subprocess.run([*self._command, "--check"], capture_output=True, text=True, check=False)
        if done.returncode:
            reason = done.stderr.strip().rpartition("\n")[2].removeprefix("scoring gateway: ")
            raise SetupError(reason, "the gateway's settings: scoring gateway --help")

    def launch(self) -> None:
        """Start the process and return at once."""
        self._launched_at = time.monotonic()
        environ = _FOR_PEOPLE | os.environ | {"PYTHONUNBUFFERED": "1"}
        self._child = Child(self._command, self._on_line, environ=environ)

    def is_ready(self) -> bool:
        """Tell whether /readyz says that every model gives its known answer to a known request.

        After 20 s those that do so are enough. Raises StartError when the process ended, or none does after 20 s.
        """
        fault = self.fault()
        if fault:
            raise StartError(fault, "see the gateway's lines above")
        health = self._health()
        if health.fault is None or time.monotonic() - self._launched_at <= START_TIMEOUT:
            return health.fault is None
        if not health.answers:
            raise StartError(
                f"the gateway is not ready after {START_TIMEOUT:g} s: {health.fault}", "see the lines above"
            )
        self._on_line(f"one of several models does not answer: {health.fault}")
        return True

    def _health(self) -> Health:
        try:
            url = f"{self.url}/readyz"
            with urllib.request.urlopen(url, timeout=_REQUEST_DEADLINE, context=_UNVERIFIED) as reply:  # noqa: S310  ours
                return read_health(json.loads(reply.read()))
        except urllib.error.HTTPError as error:  # a problem document, RFC 9457
            return Health(answers=False, fault=str(json.loads(error.read())["detail"]))
        except OSError as error:
            return Health(answers=False, fault=str(error))

    def fault(self) -> str | None:
        """Return why the gateway has to be restarted, None when its process runs."""
        code = self._child.exit_code() if self._child else None
        return None if code is None else f"the gateway ended with exit code {code}"

    def stop(self, grace: float) -> None:
        """End the process; harmless when it is stopped."""
        if self._child:
            # As Ctrl-C at its own terminal would: no balancer is given time to notice.
            self._child.stop(grace, signal.SIGINT)
            self._child = None


def read_health(document: dict[str, Any]) -> Health:
    """Read what /readyz says when it says 200: every published model answers, or at least one."""
    if document["status"] == "ready":
        return Health(answers=True, fault=None)
    reasons = [str(model.get("reason")) for model in document["models"] if model["state"] == "not_ready"]
    return Health(answers=True, fault=" ".join(reasons))
