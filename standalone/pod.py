"""Triton as a pod runs it: `python -m standalone.pod ADDRESS GRPC HTTP METRICS REPOSITORY [FLAG ...]`.

One server on a loopback address of its own, so that many can have the same ports. It is neither watched nor started
again: that is for whoever plays the cluster. SIGTERM is the server's own, which ends in its own time.
"""

import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from standalone import cores, repository, wheel
from standalone.child import Child
from standalone.run_folder import RunFolder, remove_leftovers
from standalone.triton_command import Hardware, Ports, command, environment

_POLL = 0.05  # seconds
_PATIENCE = 3600.0  # seconds: it is killed from outside where it takes too long


def run(address: str, ports: Ports, model_repository: Path, flags: Sequence[str]) -> int:
    """Serve until SIGTERM; return the server's exit code. Raises SetupError. Use it in the main thread."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    remove_leftovers()
    served, programs, hardware = repository.read(model_repository), wheel.locate(), Hardware(cores=cores.available())
    folder = RunFolder()
    try:
        folder.fill(programs, served.folder, served.served)
        # Of a flag that is given twice the server takes the last one.
        addresses = [f"--{service}-address={address}" for service in ("http", "grpc", "metrics")]
        words = [*command(programs, folder, ports, "", hardware), *addresses, *flags]
        environ = environment(programs, folder, os.environ, hardware)
        child = Child(words, lambda line: print(line, flush=True), environ=environ, folder=folder.path)
        while child.exit_code() is None and not stopping.wait(_POLL):
            pass
        child.stop(_PATIENCE)
        return child.exit_code() or 0
    finally:
        folder.remove()


if __name__ == "__main__":
    _, _address, _grpc, _http, _metrics, _repository, *_flags = sys.argv
    sys.exit(run(_address, Ports(int(_grpc), int(_http), int(_metrics)), Path(_repository), _flags))
