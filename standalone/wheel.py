"""Find Triton's binary, libraries, Python backend and stub in the installed nvidia-pytriton wheel.

Nothing of the wheel is imported: `import pytriton` loads its own server machinery and takes a second.
"""

import importlib.util
import os
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from standalone.errors import SetupError

INSTALL_HINT = "install everything with: make install"


@dataclass(frozen=True, slots=True)
class Wheel:
    """Where the parts of the server lie in the environment that runs this process."""

    server: Path
    libraries: Path
    backend: Path
    backend_helpers: Path
    stub: Path
    libpython: Path


def locate() -> Wheel:
    """Return the parts that fit the running Python.

    Raises SetupError when the wheel, one of its parts or libpython is missing, or numpy is version 2.
    """
    check_numpy(_installed_numpy())
    root = _site_packages("pytriton")
    triton = root / "pytriton" / "tritonserver"
    backend = triton / "backends" / "python"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    wheel = Wheel(
        server=triton / "bin" / "tritonserver",
        libraries=root / "nvidia_pytriton.libs",
        backend=backend / "libtriton_python.so",
        backend_helpers=backend / "triton_python_backend_utils.py",
        stub=triton / "python_backend_stubs" / version / "triton_python_backend_stub",
        libpython=find_libpython(_library_folders()),
    )
    _check_parts(wheel)
    return wheel


def check_numpy(version: str) -> None:
    """Raise SetupError for numpy 2: Triton's Python stub reads its arrays with stride 0.

    A text request then kills the stub, and an image request is answered with no bytes as a success.
    """
    if int(version.split(".", maxsplit=1)[0]) >= 2:
        raise SetupError(
            f"numpy {version} is installed in {sys.prefix}, and Triton's Python backend needs numpy below 2",
            "run: pip install 'numpy<2'",
        )


def find_libpython(folders: Iterable[Path]) -> Path:
    """Return the first libpython of the running version in `folders`.

    Raises SetupError when none of them holds it: the Python was built without a shared library.
    """
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    name = f"libpython{version}.so.1.0"
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    raise SetupError(
        f"{name} was not found, and Triton's Python backend needs it",
        f"install it (Debian, Ubuntu: apt install libpython{version}), or use a Python built with --enable-shared",
    )


def _installed_numpy() -> str:
    try:
        return metadata.version("numpy")
    except metadata.PackageNotFoundError:
        raise SetupError(f"numpy is not installed in {sys.prefix}", INSTALL_HINT) from None


def _site_packages(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SetupError(
            f"the wheel nvidia-pytriton, which holds Triton, is not installed in {sys.prefix}", INSTALL_HINT
        )
    return Path(spec.origin).parents[1]


def _library_folders() -> Iterable[Path]:
    # The folder of this very Python first: another build of the same version may have another standard library.
    yield Path(sysconfig.get_config_var("LIBDIR") or sys.base_prefix)
    yield Path(sys.base_prefix) / "lib"
    yield from (Path(folder) for folder in os.environ.get("LD_LIBRARY_PATH", "").split(":") if folder)
    multiarch = sysconfig.get_config_var("MULTIARCH") or ""
    yield from (Path(root) / multiarch for root in ("/usr/lib", "/usr/lib64", "/lib"))


def _check_parts(wheel: Wheel) -> None:
    parts = [wheel.server, wheel.libraries, wheel.backend, wheel.backend_helpers, wheel.stub]
    missing = [part for part in parts if not part.exists()]
    if missing:
        raise SetupError(
            f"nvidia-pytriton {metadata.version('nvidia-pytriton')} holds no {missing[0]}",
            "install the tested versions: pip install -c constraints.txt nvidia-pytriton (Python 3.11 or 3.12)",
        )
