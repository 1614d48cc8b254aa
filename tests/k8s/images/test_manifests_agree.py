"""Images and manifests agree: programs, users, ports, paths, variables."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.k8s.images.dockerfile import IMAGES, ROOT, Dockerfile, parse

RENDERED = sorted((ROOT / "k8s" / "rendered").glob("*.yaml"))
# Name of an image: its Dockerfile, and the stage that is the image.
BUILT = {
    "scoring-gateway": ("gateway/Dockerfile", ""),
    "scoring-models": ("models/Dockerfile", "models"),
    "scoring-models-baked": ("models/Dockerfile", "models-baked"),
    "scoring-converter": ("converter/Dockerfile", ""),
    "scoring-triton-cpu": ("triton/cpu.Dockerfile", ""),
    "scoring-triton-gpu": ("triton/gpu.Dockerfile", ""),
}

OF_THE_SYSTEM = {"cp"}  # coreutils


class Container(NamedTuple):
    """A container of ours: its image's name, what its manifest says, and its pod's."""

    image: str
    manifest: dict[str, Any]
    pod: dict[str, Any]

    @property
    def file(self) -> Dockerfile:
        """What its image is built of."""
        return parse(IMAGES / BUILT[self.image][0])

    @property
    def stage(self) -> str:
        """The stage that is its image."""
        return BUILT[self.image][1]

    @property
    def user(self) -> tuple[int, int]:
        """User and group that Kubernetes gives it."""
        context = {**self.pod["securityContext"], **self.manifest["securityContext"]}
        return context["runAsUser"], context["runAsGroup"]


def _containers(path: Path) -> list[Container]:
    found = []
    for document in yaml.safe_load_all(path.read_text()):
        spec = document.get("spec", {})
        pod = spec.get("jobTemplate", {}).get("spec", spec).get("template", {}).get("spec", {})
        for manifest in [*pod.get("initContainers", []), *pod.get("containers", [])]:
            name = manifest["image"].rpartition("/")[2].partition(":")[0]
            found.append(Container(name, manifest, pod))
    return found


ALL = [pytest.param(one, id=f"{path.stem}-{one.image}") for path in RENDERED for one in _containers(path)]


def test_there_are_containers_to_compare() -> None:
    """Every overlay has some, and each image is used somewhere but the converter's, whose Job is started by hand."""
    assert all(_containers(path) for path in RENDERED)
    used = {one.image for path in RENDERED for one in _containers(path)}
    assert used - {"scoring-converter"} == set(BUILT) - {"scoring-converter"}


@pytest.mark.parametrize("container", ALL)
def test_the_user_is_the_images(container: Container) -> None:
    """What the image was checked as is what it runs as: files that its build made can be read."""
    user = container.file.final("USER", container.stage)
    assert user
    assert ":".join(map(str, container.user)) == user.rest


@pytest.mark.parametrize("container", ALL)
def test_the_program_is_inside(container: Container) -> None:
    """A command names the program of the image's entry point, or one that every base image has."""
    entry = container.file.final("ENTRYPOINT", container.stage)
    assert entry
    assert entry.exec_form
    command = container.manifest.get("command", entry.exec_form)
    assert command[0] in {*entry.exec_form, *OF_THE_SYSTEM}
    if "models" in container.image:
        assert command[:2] == entry.exec_form


@pytest.mark.parametrize("container", ALL)
def test_ports_are_those_that_the_image_exposes(container: Container) -> None:
    """The same numbers; a sidecar has none."""
    named = {port["containerPort"] for port in container.manifest.get("ports", [])}
    assert named == container.file.ports(container.stage)


@pytest.mark.parametrize("container", ALL)
def test_the_file_system_is_read_only_and_homes_can_be_written(container: Container) -> None:
    """Where the image tells its libraries to keep their things, and a Job to work, there is a volume."""
    assert container.manifest["securityContext"]["readOnlyRootFilesystem"] is True
    mounted = {mount["mountPath"] for mount in container.manifest["volumeMounts"]}
    assert container.file.environment(container.stage).get("HOME", "/tmp") in mounted
    place = container.file.final("WORKDIR", container.stage)
    assert place
    assert place.rest in mounted or container.image != "scoring-converter"


@pytest.mark.parametrize("container", [one for one in ALL if "models" in str(one.id)])
def test_models_lie_where_the_image_puts_them(container: Container) -> None:
    """The target is the image's own, and a volume; a baked store is where the manifest looks for it."""
    image = container.file.environment(container.stage)
    given = {each["name"]: each.get("value") for each in container.manifest["env"]}
    assert given["MODELS_TARGET"] == image["MODELS_TARGET"]
    assert image["MODELS_TARGET"] in {mount["mountPath"] for mount in container.manifest["volumeMounts"]}
    if container.image == "scoring-models-baked":
        assert (given["MODELS_STORE"], given["MODELS_RELEASE"]) == (image["MODELS_STORE"], image["MODELS_RELEASE"])


def test_settings_of_the_gateway_repeat_the_images() -> None:
    """Where both name a setting they say the same."""
    path = ROOT / "k8s" / "base" / "gateway" / "settings.env"
    lines = [line.partition("=") for line in path.read_text().splitlines() if line.startswith("SCORING_")]
    settings = {name: value for name, _, value in lines}
    image = parse(IMAGES / "gateway" / "Dockerfile").environment()
    both = {name for name in image if name in settings}
    assert both == {"SCORING_HOST", "SCORING_METRICS_PORT", "SCORING_MODEL_REPOSITORY"}
    assert all(image[name] == settings[name] for name in both)


def test_triton_serves_the_same_folder_by_default() -> None:
    """Without arguments the images serve what the manifests' Tritons serve."""
    for container in [one for path in RENDERED for one in _containers(path) if "triton" in one.image]:
        command = container.file.final("CMD")
        assert command
        assert set(command.exec_form or []) <= set(container.manifest["args"])
