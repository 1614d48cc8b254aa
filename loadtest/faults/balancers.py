"""Real load balancers in front of two gateways, without privileges and on free ports."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from loadtest.errors import LoadTestError
from loadtest.processes import free_ports, running
from loadtest.stack import HOST, is_listening

CHECK_INTERVAL, CHECK_FAILS = 0.25, 2  # seconds between looks at /readyz, and failures until a gateway counts as out
_START_TIMEOUT = 10.0


@dataclass(frozen=True)
class Balancer:
    """A balancer's program, its configuration for a folder, a port and servers, and the command that runs it."""

    name: str
    program: str
    configuration: Callable[[Path, int, Sequence[str]], str]
    command: Callable[[str, Path], list[str]]

    def found(self) -> str | None:
        """Return the program's place, None when it is not installed; it need not be on the PATH of every user."""
        return shutil.which(self.program) or shutil.which(self.program, path="/usr/sbin:/usr/local/sbin")


def _haproxy(folder: Path, port: int, servers: Sequence[str]) -> str:
    lines = "\n".join(f"  server gateway{place} {server}" for place, server in enumerate(servers))
    check = f"check inter {CHECK_INTERVAL * 1000:.0f}ms fall {CHECK_FAILS} rise 1"
    return f"""\
global
  # Only a request that fits into a buffer can be sent once more: pictures too.
  tune.bufsize 262144
defaults
  mode http
  timeout connect 1s
  timeout client 30s
  timeout server 30s
  timeout check 2s
  # A connection that a gateway refuses or closes unused: its request goes to another one.
  retries 3
  option redispatch 1
  retry-on conn-failure empty-response
frontend public
  bind {HOST}:{port}
  default_backend gateways
backend gateways
  balance leastconn
  option httpchk GET /readyz
  http-check expect status 200
  default-server {check}
{lines}
"""


def _nginx(folder: Path, port: int, servers: Sequence[str]) -> str:
    # There are no active checks (those are in the commercial edition). A gateway that refuses a connection is asked
    # again for the next request: set aside for a while (max_fails), it would be missing when the other one goes.
    lines = "\n".join(f"    server {server} max_fails=0;" for server in servers)
    paths = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "\n".join(f"  {name}_temp_path {folder / name};" for name in paths)
    return f"""\
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
{folders}
  upstream gateways {{
{lines}
    keepalive 64;
  }}
  server {{
    listen {HOST}:{port};
    client_max_body_size 32m;
    # In memory: a worker process without privileges could not write into the folder of whoever started it.
    client_body_buffer_size 32m;
    location / {{
      proxy_pass http://gateways;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      # Matching and classifying change nothing: a request may be asked again although it is a POST.
      proxy_next_upstream error http_503 non_idempotent;
      proxy_next_upstream_tries 2;
    }}
  }}
}}
"""


HAPROXY = Balancer("haproxy", "haproxy", _haproxy, lambda program, config: [program, "-q", "-db", "-f", str(config)])
NGINX = Balancer("nginx", "nginx", _nginx, lambda program, config: [program, "-q", "-e", "stderr", "-c", str(config)])
BALANCERS = (HAPROXY, NGINX)


@contextmanager
def balanced(balancer: Balancer, servers: Sequence[str]) -> Iterator[int]:
    """Run a balancer in front of servers (host:port) while the context lasts; yield its port. Raises LoadTestError."""
    program = balancer.found()
    if program is None:
        raise LoadTestError(f"{balancer.name} is not installed", f"apt-get install {balancer.name}")
    (port,) = free_ports(1)
    with TemporaryDirectory(prefix=f"scoring-{balancer.name}-") as name:
        config = Path(name) / "config"
        config.write_text(balancer.configuration(Path(name), port, servers), encoding="ascii")
        with running(balancer.command(program, config)) as server:
            server.wait(lambda: is_listening(port), _START_TIMEOUT)
            yield port
