"""wrk (github.com/wg/wrk) as the HTTP load generator: a Lua script that rotates bodies and prints exact figures."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from math import ceil
from pathlib import Path

import msgspec

from loadtest.errors import LoadTestError
from loadtest.http_driver import Target
from loadtest.meter import Round, Span

_PREFIX = "figures "
# Bodies come out of one file, whatever bytes they hold.
_SCRIPT = """\
local file, sizes = io.open(%s, "rb"), {%s}
local requests, last = {}, 0
function init(args)
  for i, size in ipairs(sizes) do
    requests[i] = wrk.format("POST", nil, {%s}, file:read(size))
  end
end
function request()
  last = last %% #requests + 1
  return requests[last]
end
function done(summary, latency)
  local e = summary.errors
  print(string.format('%s{"requests":%%d,"seconds":%%.6f,"errors":%%d,"p50_ms":%%.3f,"p99_ms":%%.3f}',
    summary.requests, summary.duration / 1e6, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""


def version() -> str | None:
    """Return wrk's version, None when it is not on the PATH."""
    if shutil.which("wrk") is None:
        return None
    # It prints its version and exits with 1.
    printed = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout
    return printed.split()[1] if printed.startswith("wrk ") else "unknown"


def command(url: str, connections: int, seconds: float, script: str = "SCRIPT") -> list[str]:
    """Return the command line; wrk takes whole seconds."""
    return ["wrk", "-t1", f"-c{connections}", f"-d{ceil(seconds)}s", "--timeout", "10s", "-s", script, url]


def closed_loop(target: Target, bodies: Sequence[bytes], *, connections: int, span: Span) -> Round:
    """POST the bodies in turn over `connections` connections. Raises LoadTestError when wrk itself fails.

    wrk's percentiles include the requests that a slow reply kept it from sending (its correction for coordinated
    omission), so they are never more flattering than those of the project's own driver.
    """
    with tempfile.TemporaryDirectory(prefix="scoring-wrk-") as folder:
        content, script = Path(folder) / "bodies", Path(folder) / "requests.lua"
        content.write_bytes(b"".join(bodies))
        script.write_text(lua(content, [len(body) for body in bodies], target), encoding="ascii")
        warm = _run(command(target.url, connections, span.warm_up, str(script)))
        timed = _run(command(target.url, connections, span.seconds, str(script)))
    return Round(timed.requests, timed.seconds, timed.errors + warm.errors, timed.p50_ms, timed.p99_ms)


def lua(content: Path, sizes: Sequence[int], target: Target) -> str:
    """Return the script that sends pieces of such sizes, in bytes, of a file."""
    # An ASCII string without control characters is the same literal in JSON and Lua.
    headers = {"content-type": target.media_type, **dict(target.headers)}
    table = ",".join(f"[{json.dumps(name)}]={json.dumps(value)}" for name, value in headers.items())
    return _SCRIPT % (json.dumps(str(content)), ",".join(map(str, sizes)), table, _PREFIX)


def _run(line: list[str]) -> Round:
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    figures = [printed for printed in done.stdout.splitlines() if printed.startswith(_PREFIX)]
    if done.returncode or not figures:
        raise LoadTestError(
            f"wrk failed: {(done.stderr or done.stdout).strip()[-500:]}", "take it off the PATH to use the own driver"
        )
    return msgspec.json.decode(figures[0].removeprefix(_PREFIX), type=Round)
