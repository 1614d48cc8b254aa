"""Folders are the architecture: which may import which."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("preprocessing", "converters", "gateway", "standalone", "loadtest", "doctor", "registry", "k8s")
ALLOWED = {
    "preprocessing": set[str](),
    "converters": {"preprocessing"},
    "gateway": {"preprocessing"},
    "standalone": set[str](),
    "loadtest": {"preprocessing", "gateway.generated", "converters.model_config"},  # the public contract; the writer
    "registry": set[str](),
    "k8s": {"doctor"},
    "doctor": {"converters.model_config", "converters.errors", "gateway.settings", "gateway.setting"},
}
# Inside the gateway: who may import a module. `app` alone wires; what is not listed may be imported by anyone.
GATEWAY_IMPORTERS = {
    "gateway.http_api": {"gateway.app"},
    "gateway.grpc_api": {"gateway.app", "gateway.grpc_server"},
    "gateway.app": {"gateway.server"},
    "gateway.batcher": {"gateway.app", "gateway.gauges", "gateway.service", "gateway.image_service"},
    "gateway.catalogs": {"gateway.app", "gateway.gauges", "gateway.service", "gateway.image_service"},
    "gateway.image_decoder": {"gateway.app", "gateway.image_service"},
    "gateway.served_engine": {"gateway.app", "gateway.image_service"},
    "gateway.triton.channel": {"gateway.triton.channels", "gateway.triton.faq", "gateway.triton.images"},
    "gateway.triton.channels": {"gateway.app", "gateway.gauges"},
    "gateway.server": {"gateway.process", "gateway.workers"},
}
# What the gateway's image does without.
TRAINING = {
    "sklearn",
    "scipy",
    "skl2onnx",
    "onnx",
    "onnxruntime",
    "openvino",
    "torch",
    "keras",
    "tensorflow",
    "pandas",
    "matplotlib",
    "skops",
}


def _modules(package: str) -> list[Path]:
    return [path for path in (ROOT / package).rglob("*.py") if "backends" not in path.parts]


def _imports(path: Path) -> set[str]:
    """Full names of all that a module imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _within(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_what_they_may(package: str) -> None:
    """No folder imports another one that the architecture does not allow it."""
    ours = set(PACKAGES) - {package}
    forbidden = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in _modules(package)
        for name in _imports(path)
        if _within(name, ours) and not _within(name, ALLOWED[package]) and name not in {"gateway"}
    }
    assert forbidden == set()


def test_imports_inside_the_gateway_run_one_way() -> None:
    """Protocols are known to the wiring alone, what serves a model to its service and the wiring."""
    for path in _modules("gateway"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for name in _imports(path) & set(GATEWAY_IMPORTERS):
            assert module in GATEWAY_IMPORTERS[name], f"{module} imports {name}"


def test_triton_client_is_known_to_one_package() -> None:
    """`gateway/triton` alone imports tritonclient."""
    importers = {path.parent.name for path in _modules("gateway") if _within_any(_imports(path), {"tritonclient"})}
    assert importers == {"triton"}


@pytest.mark.parametrize("package", ["gateway", "preprocessing"])
def test_serving_needs_no_training_library(package: str) -> None:
    """The gateway's image installs none of them."""
    for path in _modules(package):
        assert not _within_any(_imports(path), TRAINING), path


@pytest.mark.parametrize("package", PACKAGES)
def test_everything_imported_is_declared(package: str) -> None:
    """Every third-party module comes from a dependency that pyproject.toml names."""
    declared = (ROOT / "pyproject.toml").read_text()
    names = {"google": "protobuf", "grpc": "grpcio", "grpc_health": "grpcio-health-checking", "sklearn": "scikit-learn"}
    names |= {
        "PIL": "pillow",
        "hdrh": "hdrhistogram",
        "jwt": "pyjwt[crypto]",
        "yaml": "pyyaml",
        "pydantic": "fastapi",
        "python_multipart": "python-multipart",
        "tensorflow": "tensorflow-cpu",
        "grpc_reflection": "grpcio-reflection",
        "opentelemetry": "opentelemetry-sdk",
        "prometheus_client": "prometheus-client",
        "triton_python_backend_utils": "nvidia-pytriton",
    }
    for path in _modules(package):
        for top in {name.split(".")[0] for name in _imports(path)} - set(PACKAGES) - set(sys.stdlib_module_names):
            assert f'"{names.get(top, top)}' in declared, f"{path.relative_to(ROOT)} imports {top}"


def _within_any(names: set[str], packages: set[str]) -> bool:
    return any(_within(name, packages) for name in names)
