"""Replace this process by a command that the kernel kills when the process that started it dies.

Run as a script: `python -IS die_with_parent.py PARENT_PID COMMAND ...`. A `preexec_fn` would do the same inside the
parent's fork, where Python code is unsafe as soon as the parent has threads.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2); kept across execve(2) of an ordinary program


def main(parent: int, command: list[str]) -> None:
    """Ask for SIGKILL on the parent's death, then become `command`."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the request was in force
        sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606  becoming the command, without a shell, is the purpose


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
