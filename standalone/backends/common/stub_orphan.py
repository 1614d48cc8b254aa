"""End this stub when its Triton is gone.

The stub looks for its parent with kill(pid, 0), which succeeds on a zombie: where PID 1 reaps late or never, as in
many containers, the stub of a killed Triton would stay. A process gets another parent as soon as its own dies.
"""

import os
import threading
import time

_INTERVAL = 0.5  # seconds
_OWN_END = 2.0  # seconds for the stub to notice and delete its shared memory itself


def end_with_parent() -> None:
    """Start a thread that ends this process soon after its parent."""
    threading.Thread(target=_wait, args=[os.getppid()], daemon=True).start()


def _wait(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_INTERVAL)
    time.sleep(_OWN_END)
    os._exit(1)
