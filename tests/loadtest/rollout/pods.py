"""Pods made of the smallest programs that listen."""

import sys
from pathlib import Path

from loadtest.rollout.pod import Plan, Pod
from loadtest.rollout.processes import Program
from loadtest.rollout.timeline import Timeline
from loadtest.rollout.workload import Probe, Timings

PORT = 18473
READY = Probe("/", PORT, initial_delay=0, period=0.1, timeout=2, successes=1, failures=2)
# Answers probes with the status that stands in a file beside it, 200 if there is none; ends with exit code 0.
SERVER = """
import http.server, pathlib, signal, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(status.read_text()) if status.exists() else 200)
        self.end_headers()
    def log_message(self, *_): pass
address, status = sys.argv[1], pathlib.Path(sys.argv[2])
signal.signal(signal.SIGTERM, signal.SIG_IGN if "stubborn" in sys.argv else lambda *_: sys.exit(0))
http.server.HTTPServer((address, int(sys.argv[3])), Handler).serve_forever()
"""


def timings(pre_stop: float = 0.0, grace: float = 10.0, min_ready: float = 0.0) -> Timings:
    """Return timings of a pod that is asked ten times a second."""
    return Timings(
        min_ready=min_ready,
        max_surge=1,
        max_unavailable=0,
        pre_stop=pre_stop,
        termination_grace=grace,
        startup=None,
        readiness=READY,
    )


def pod(name: str, address: str, folder: Path, timeline: Timeline, chosen: Timings, *words: str) -> Pod:
    """Start a pod; `words` are further arguments of its program."""
    command = [sys.executable, "-c", SERVER, address, str(folder / f"{name}.status"), str(PORT), *words]
    return Pod(name, address, Plan((), Program(command, {})), chosen, folder / f"{name}.log", timeline)
