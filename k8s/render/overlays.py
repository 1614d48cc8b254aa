"""The overlays and what kustomize makes of them."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from doctor.wording import guess, listed
from k8s.render.errors import RenderError

_PATIENCE = 120  # seconds
# What Kubernetes' logger puts around an error: E1128 19:34:12.149301   25857 run.go:72] "command failed" err="..."
_LOGGED = re.compile(r'[EF]\d{4} [^]]*\] "command failed" err="(.*)"', re.DOTALL)
_AT_ONCE = 4  # kustomize is one busy thread and a lot of waiting for its start


@dataclass(frozen=True)
class Rendering:
    """What kustomize printed for an overlay, or why it printed nothing."""

    overlay: str
    text: str
    failure: str = ""


def overlays(folder: Path, wanted: Sequence[str]) -> list[str]:
    """Return the wanted overlays of a folder `k8s`, all of them for none. Raises RenderError."""
    known = sorted(path.parent.name for path in (folder / "overlays").glob("*/kustomization.yaml"))
    if not known:
        raise RenderError(f"there are no overlays in {folder / 'overlays'}", "name the folder with --folder DIR")
    for name in wanted:
        if name not in known:
            raise RenderError(f"there is no overlay {name!r}", guess(name, known, f"there are {listed(known)}"))
    return [name for name in known if name in wanted or not wanted]


def render(folder: Path, names: Sequence[str]) -> list[Rendering]:
    """Render overlays of a folder `k8s`. Raises RenderError where kustomize is not installed."""
    command = _command()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda name: _render(command, name, folder / "overlays" / name), names))


def _command() -> list[str]:
    if kubectl := shutil.which("kubectl"):
        return [kubectl, "kustomize"]
    if kustomize := shutil.which("kustomize"):
        return [kustomize, "build"]
    raise RenderError(
        "neither kubectl nor kustomize is installed",
        "install kubectl (kubernetes.io/docs/tasks/tools, or `az aks install-cli`); it needs no cluster",
    )


def _render(command: Sequence[str], name: str, path: Path) -> Rendering:
    try:
        done = subprocess.run(
            [*command, str(path)], capture_output=True, text=True, errors="replace", timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return Rendering(name, "", f"it was not done after {_PATIENCE} s")
    if done.returncode:
        return Rendering(name, "", _reason(done.stderr) or f"exit code {done.returncode}")
    return Rendering(name, done.stdout)


def _reason(stderr: str) -> str:
    """Return what kubectl or kustomize says, without what is around it."""
    said = stderr.strip().removeprefix("error: ").removeprefix("Error: ")
    logged = _LOGGED.fullmatch(said)
    return logged.group(1).replace('\\"', '"').replace("\\n", "\n") if logged else said
