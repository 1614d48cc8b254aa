"""`make images`: every Dockerfile is built, with arguments that it knows, an SBOM and a provenance."""

import json
import re
import subprocess
import tomllib
from typing import Any

import pytest

from tests.k8s.images.dockerfile import DOCKERFILES, IMAGES, ROOT, parse
from tests.k8s.images.test_manifests_agree import BUILT

PYTHON = ROOT / ".venv-policy" / "bin" / "python"
_READ = "import hcl2, json, sys; print(json.dumps(hcl2.load(sys.stdin)))"

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="no parser of HCL (checkov's): make policy-tools")


@pytest.fixture(scope="module")
def bake() -> dict[str, Any]:
    """The bake file, parsed."""
    text = (IMAGES / "docker-bake.hcl").read_text()
    done = subprocess.run([PYTHON, "-c", _READ], input=text, capture_output=True, text=True, check=True)
    parsed: dict[str, Any] = json.loads(done.stdout)
    return parsed


@pytest.fixture(scope="module")
def targets(bake: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The targets that make an image, each with all that it inherits."""
    written = {name: target for each in bake["target"] for name, target in each.items()}

    def whole(name: str) -> dict[str, Any]:
        own = {key: value[0] if isinstance(value, list) else value for key, value in written[name].items()}
        merged: dict[str, Any] = {}
        for parent in own.get("inherits", []):
            merged |= whole(parent)
        return merged | own | {"args": {**merged.get("args", {}), **own.get("args", {})}}

    return {name: whole(name) for name in written if "dockerfile" in written[name]}


def test_every_dockerfile_is_built(targets: dict[str, dict[str, Any]]) -> None:
    """Each is the file of a target, and each target's stage exists."""
    assert {ROOT / target["dockerfile"] for target in targets.values()} == set(DOCKERFILES)
    for target in targets.values():
        assert target["context"] == "."
        assert parse(ROOT / target["dockerfile"]).stage(target.get("target", ""))


def test_every_image_has_an_sbom_and_a_provenance(targets: dict[str, dict[str, Any]]) -> None:
    """No target does without."""
    for target in targets.values():
        assert target["attest"] == ["type=sbom", "type=provenance,mode=max"]


def test_every_argument_is_known(targets: dict[str, dict[str, Any]]) -> None:
    """A Dockerfile declares each argument that bake gives it; misspelt, it would be dropped with a warning."""
    for name, target in targets.items():
        file = parse(ROOT / target["dockerfile"])
        known = {*file.arguments, *(word for stage in file.stages for each in stage.all("ARG") for word in each.pairs)}
        assert set(target["args"]) <= known, name
        assert {"VERSION", "REVISION", "SOURCE"} <= set(target["args"]), name


def test_what_is_built_on_is_named_once(bake: dict[str, Any]) -> None:
    """The bake file's base images are the Dockerfiles' own, so that a build without bake gives the same image."""
    variables = {name: value["default"][0] for each in bake["variable"] for name, value in each.items()}
    named = {value for path in DOCKERFILES for value in parse(path).arguments.values()}
    assert named == {value for name, value in variables.items() if name.endswith("_IMAGE")}
    assert len({re.sub("-min$", "", value) for value in named if "tritonserver" in value}) == 1


def test_images_are_tagged_with_the_version(bake: dict[str, Any]) -> None:
    """The tag that the manifests name is the project's version."""
    variables = {name: value["default"][0] for each in bake["variable"] for name, value in each.items()}
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert variables["TAG"] == variables["VERSION"] == version


def test_every_image_of_the_manifests_is_built(targets: dict[str, dict[str, Any]]) -> None:
    """Its name is the tag of a target."""
    assert {f'${{tags("{name}")}}' for name in BUILT} == {target["tags"] for target in targets.values()}
