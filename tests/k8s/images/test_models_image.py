"""The image of `scoring models`: what it installs pushes and pulls releases, and a baked store holds one."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.k8s.images.dockerfile import IMAGES, ROOT, parse
from tests.k8s.images.sandbox import Build, Built, catches
from tests.test_layers import _imports as imports

FILE = IMAGES / "models" / "Dockerfile"


@pytest.fixture(scope="module")
def store(models_image: Built, repository: Path, base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder /registry that the target `models-baked` makes of the model that the converter's image has made."""
    context = tmp_path_factory.mktemp("context")
    shutil.copytree(repository, context / "model_repository")
    build = Build(FILE, base, models_image.folder.parent, context)
    return build.stage("release", only="scoring models push").folder / "registry"


def test_it_pulls_what_is_baked_in(models_image: Built, store: Path, tmp_path: Path) -> None:
    """The tag `live` is there; a pull gives the files that went in, and `verify` finds nothing wrong."""
    release = parse(FILE).environment("models-baked")["MODELS_RELEASE"]
    variables = {"MODELS_STORE": str(store), "MODELS_RELEASE": release, "MODELS_TARGET": str(tmp_path / "models")}
    pulled = models_image.run("scoring", "models", "pull", **variables)
    assert pulled.returncode == 0, pulled.stderr
    assert (tmp_path / "models/current/faq_matcher/1/model.onnx").exists()
    assert models_image.run("scoring", "models", "verify", **variables).returncode == 0


def test_a_store_may_be_read_by_every_user(store: Path) -> None:
    """The build writes it as root, and nobody reads it as root."""
    for path in [store, *store.rglob("*")]:
        assert path.stat().st_mode & 0o004, path


def test_the_sidecar_ends_on_sigterm(models_image: Built, store: Path, tmp_path: Path) -> None:
    """`follow` handles the signal itself: as process 1 it would outlive it otherwise, and hold up the pod's end."""
    variables = {"MODELS_STORE": str(store), "MODELS_RELEASE": "live", "MODELS_TARGET": str(tmp_path / "models")}
    program = str(models_image.folder / "opt/venv/bin/scoring")
    with subprocess.Popen([program, "models", "follow"], env=models_image.environment(**variables)) as child:
        try:
            deadline = time.monotonic() + 60
            while not (tmp_path / "models/current").exists():
                assert child.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
            assert catches(child.pid, signal.SIGTERM)
            child.terminate()
            assert child.wait(30) == 0
        finally:
            child.kill()
    assert not (tmp_path / "models/current/faq_matcher/1/model.onnx").exists()


def test_it_holds_what_azure_needs_and_little_else(models_image: Built) -> None:
    """Blob Storage and identities can be imported; what the gateway alone needs is not there."""
    code = "import azure.storage.blob, azure.identity"
    assert models_image.run("python", "-c", code).returncode == 0
    present = {path.name for path in models_image.packages.iterdir()}
    assert not present & {"grpc", "numpy", "PIL", "uvloop", "gateway", "preprocessing", "converters", "pip"}


def test_it_installs_what_the_registry_imports() -> None:
    """The packages that its Dockerfile names are those that registry/ and scoring.py import."""
    modules = [ROOT / "scoring.py", *(ROOT / "registry").rglob("*.py")]
    names = {name for module in modules for name in imports(module)}
    names = {".".join(name.split(".")[: 3 if name.startswith("azure.storage") else 2]) for name in names}
    packages = {name.replace(".", "-") if name.startswith("azure.") else name.split(".")[0] for name in names}
    _, first, *_ = parse(FILE).stage("builder").all("RUN")
    named = set(first.words[first.words.index("--no-compile") + 1 :])
    assert packages - set(sys.stdlib_module_names) - {"registry", "azure-core"} == named
