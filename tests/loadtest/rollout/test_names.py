"""The name that stands for all Tritons, as a program sees it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from loadtest.rollout.names import Names, library

pytestmark = pytest.mark.skipif(library() is None, reason="libnss-wrapper is not installed")
# Looks the name up each time that it gets a line.
LOOK_UP = """
import socket, sys
for _ in sys.stdin:
    try:
        found = sorted({each[4][0] for each in socket.getaddrinfo("triton-cpu", 8001)})
    except OSError:
        found = []
    print(",".join(found), flush=True)
"""


def test_name_follows_its_addresses(tmp_path: Path) -> None:
    """A running program sees each change, however soon one comes after another; without addresses there is no name."""
    names = Names("triton-cpu", tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", LOOK_UP],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **names.environ},
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        for addresses in ([], ["127.9.1.1"], ["127.9.1.1", "127.9.1.2", "127.9.1.3"], ["127.9.1.2"], []):
            names.set(frozenset(addresses))
            program.stdin.write("?\n")
            program.stdin.flush()
            assert program.stdout.readline().strip() == ",".join(addresses)
