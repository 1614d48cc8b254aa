"""Servers whose work is nothing: nginx, which answers at once, and one that answers after a known time."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from loadtest.errors import LoadTestError
from loadtest.openloop.self_check import delayed
from loadtest.processes import free_ports, running
from loadtest.stack import HOST, is_listening

_START_TIMEOUT = 10.0  # seconds
_CONFIG = """\
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen {host}:{port};
    location / {{ return 200 "ok"; }}
  }}
}}
"""


@contextmanager
def immediate() -> Iterator[int]:
    """Run an nginx that answers at once while the context lasts; yield its port. Raises LoadTestError."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        raise LoadTestError("nginx is not installed", "apt-get install nginx-light")
    with TemporaryDirectory(prefix="scoring-nginx-") as folder:
        (port,) = free_ports(1)
        config = Path(folder) / "config"
        config.write_text(_CONFIG.format(folder=folder, host=HOST, port=port), encoding="ascii")
        with _listening([program, "-q", "-e", "stderr", "-c", str(config)], port):
            yield port


@contextmanager
def slow() -> Iterator[int]:
    """Run a server that answers after a known time while the context lasts; yield its port. Raises LoadTestError."""
    (port,) = free_ports(1)
    with _listening([sys.executable, "-m", delayed.__name__, str(port)], port):
        yield port


@contextmanager
def _listening(command: list[str], port: int) -> Iterator[None]:
    with running(command) as server:
        server.wait(lambda: is_listening(port), _START_TIMEOUT)
        yield
