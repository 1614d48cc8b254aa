"""What wrk (github.com/wg/wrk) sees of a server that is asked as fast as it answers."""

import json
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from loadtest.errors import LoadTestError
from loadtest.openloop.self_check.report import PERCENTS, Seen

_SCRIPT = """\
function done(summary, latency)
  local seen = {}
  for place, percent in ipairs({%s}) do seen[place] = latency:percentile(percent) / 1e3 end
  print(string.format("\\n[%%.3f, %%s]", summary.requests / summary.duration * 1e6, table.concat(seen, ", ")))
end
"""


def check() -> None:
    """Raise LoadTestError where wrk is not installed."""
    if shutil.which("wrk") is None:
        raise LoadTestError("wrk is not installed", "apt-get install wrk")


def seen_by_wrk(url: str, connections: int, seconds: int) -> Seen:
    """Ask over so many connections, each as soon as it has its answer. Raises LoadTestError."""
    with TemporaryDirectory(prefix="scoring-wrk-") as folder:
        script = Path(folder) / "percentiles.lua"
        script.write_text(_SCRIPT % ", ".join(map(str, PERCENTS)), encoding="ascii")
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), url]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    if done.returncode or not lines or not lines[-1].startswith("["):
        raise LoadTestError(f"wrk failed: {(done.stderr or done.stdout).strip()[-500:]}", "run it by hand")
    rate, *percentiles = json.loads(lines[-1])
    return Seen(rate, percentiles)
