"""What a figure depends on besides the code: machine, versions, revision."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import msgspec

_PACKAGES = (
    "numpy", "onnxruntime", "nvidia-pytriton", "grpcio", "protobuf", "uvicorn", "uvloop", "httptools", "starlette",
    "msgspec", "fastapi", "pydantic",
)  # fmt: skip


class Hardware(msgspec.Struct, frozen=True):
    """The machine, as the operating system describes it; `load_average` of the minute before the run."""

    cpu: str
    cores: int
    memory_gib: float
    system: str
    load_average: float


class Revision(msgspec.Struct, frozen=True):
    """The code that ran: a git commit, and whether files differed from it."""

    commit: str
    modified: bool


def hardware() -> Hardware:
    """Describe this machine; `cores` are those that this process may use."""
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Hardware(
        cpu=_cpu_model(),
        cores=len(os.sched_getaffinity(0)),
        memory_gib=round(pages / 2**30, 1),
        system=f"{platform.system()} {platform.release()}",
        load_average=round(os.getloadavg()[0], 2),
    )


def versions(triton: str) -> dict[str, str]:
    """Return the versions of what takes part, by name."""
    return {"python": platform.python_version(), "triton": triton, **{name: version(name) for name in _PACKAGES}}


def revision() -> Revision | None:
    """Return the git revision of this code, None outside a checkout."""
    try:
        return Revision(_git("rev-parse", "HEAD"), bool(_git("status", "--porcelain")))
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(*words: str) -> str:
    folder = Path(__file__).parent
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()
