"""Manifests of the product, with changes: what a test wants to be shorter, or wrong."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

RENDERED = Path(__file__).parents[3] / "k8s" / "rendered" / "aks-cpu.yaml"
GATEWAY, TRITON = "gateway", "triton-cpu"
Change = Callable[["Objects"], None]


class Objects:
    """The objects of a rendered overlay, to be changed in place."""

    def __init__(self) -> None:
        self.all: list[Any] = [each for each in yaml.safe_load_all(RENDERED.read_text()) if each]

    def find(self, kind: str, name: str) -> Any:
        """Return an object by its kind and what its name begins with: names of generated ones end in a hash."""
        return next(each for each in self.all if each["kind"] == kind and each["metadata"]["name"].startswith(name))

    def deployment(self, name: str) -> Any:
        """Return the `spec` of a Deployment."""
        return self.find("Deployment", name)["spec"]

    def pod(self, name: str) -> Any:
        """Return the `spec` of a Deployment's pods."""
        return self.deployment(name)["template"]["spec"]

    def main(self, name: str) -> Any:
        """Return the main container of a Deployment's pods."""
        return self.pod(name)["containers"][0]

    def settings(self) -> dict[str, str]:
        """Return the gateway's settings."""
        found: dict[str, str] = self.find("ConfigMap", "gateway-settings")["data"]
        return found


def changed(folder: Path, *changes: Change) -> Path:
    """Write the manifests with changes; return the file."""
    objects = Objects()
    for change in changes:
        change(objects)
    path = folder / "manifests.yaml"
    path.write_text(yaml.safe_dump_all(objects.all))
    return path


def shortened(objects: Objects) -> None:
    """Make all timings so short that a test can wait for them, in the order of size that they have.

    Deadlines are longer instead: no request shall fail because the machine that tests run on is busy.
    """
    objects.settings().update(
        SCORING_DRAIN_DELAY="2",
        SCORING_GRACE="3",
        SCORING_WORKERS="1",
        SCORING_DEADLINE="20",
        SCORING_MAX_DEADLINE="30",
        SCORING_READINESS_DEADLINE="10",
    )
    objects.main(TRITON)["lifecycle"] = {"preStop": {"sleep": {"seconds": 3}}}
    for name in (GATEWAY, TRITON):
        objects.deployment(name)["minReadySeconds"] = 0.3
        for probe in ("startupProbe", "readinessProbe"):
            objects.main(name)[probe].update(periodSeconds=0.2, timeoutSeconds=10)
    objects.pod(GATEWAY)["initContainers"][0]["args"].append("--interval=0.5")
