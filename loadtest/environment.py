"""What a figure depends on besides the code: machine, versions, revision."""

import os
import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

_PACKAGES = (
    "numpy", "onnxruntime", "onnxruntime-gpu", "openvino", "tensorrt", "torch", "onnx", "pillow", "nvidia-pytriton",
    "grpcio", "protobuf", "uvicorn", "uvloop", "httptools", "starlette", "msgspec", "fastapi", "pydantic", "flask",
    "gunicorn", "scikit-learn", "keras", "tensorflow-cpu",
)  # fmt: skip
# What speeds matrix products up in fewer bits than FP32, as Linux names it (arch/x86/include/asm/cpufeatures.h).
MATRIX_FEATURES = ("amx_bf16", "amx_fp16", "amx_int8", "avx512_bf16", "avx512_fp16", "avx512_vnni", "avx_vnni")
_CPUINFO = Path("/proc/cpuinfo")


class Gpu(msgspec.Struct, frozen=True):
    """A GPU as nvidia-smi describes it."""

    name: str
    driver: str
    memory_mib: int


class Hardware(msgspec.Struct, frozen=True):
    """The machine, as the operating system describes it; `load_average` of the minute before the run.

    `matrix_features` is None in reports that did not record it.
    """

    cpu: str
    cores: int
    memory_gib: float
    system: str
    load_average: float
    matrix_features: tuple[str, ...] | None = None
    gpus: tuple[Gpu, ...] = ()

    @property
    def amx(self) -> bool:
        """Whether the processor has Intel's matrix extensions."""
        return any(name.startswith("amx") for name in self.matrix_features or ())


class Revision(msgspec.Struct, frozen=True):
    """The code that ran: a git commit, and whether files differed from it."""

    commit: str
    modified: bool


def hardware(gpus: Sequence[Gpu] = ()) -> Hardware:
    """Describe this machine; `cores` are those that this process may use."""
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    cpuinfo = _CPUINFO.read_text(encoding="utf-8")
    return Hardware(
        cpu=_field(cpuinfo, "model name") or platform.machine(),
        cores=cores(),
        memory_gib=round(pages / 2**30, 1),
        system=f"{platform.system()} {platform.release()}",
        load_average=round(os.getloadavg()[0], 2),
        matrix_features=matrix_features(cpuinfo),
        gpus=tuple(gpus),
    )


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


def matrix_features(cpuinfo: str) -> tuple[str, ...]:
    """Return those of MATRIX_FEATURES that /proc/cpuinfo lists."""
    flags = set(_field(cpuinfo, "flags").split())
    return tuple(name for name in MATRIX_FEATURES if name in flags)


def versions(triton: str) -> dict[str, str]:
    """Return the versions of what takes part, by name; packages that are not installed take no part."""
    found = {"python": platform.python_version(), "triton": triton}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def revision() -> Revision | None:
    """Return the git revision of this code, None outside a checkout."""
    try:
        return Revision(_git("rev-parse", "HEAD"), bool(_git("status", "--porcelain")))
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(*words: str) -> str:
    folder = Path(__file__).parent
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def _field(cpuinfo: str, wanted: str) -> str:
    for line in cpuinfo.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == wanted:
            return value.strip()
    return ""
