"""What is to be tuned, for what and how, and what its figures will depend on."""

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from loadtest.facts import Before
from loadtest.stack import published
from loadtest.tune import configs
from loadtest.tune.cores import Cores
from loadtest.tune.goal import Goal
from loadtest.tune.models import Model
from loadtest.tune.report import Setup
from loadtest.tune.space import Offer

EMBEDDED = "embedded"


@dataclass(frozen=True)
class Order:
    """What is to be tuned, for what, and how."""

    model: Model
    repository: Path
    goal: Goal
    list_size: int
    cores: int | None  # of the pod; None: all of this machine
    triton: str  # an address, "" for one of our own
    config: str  # that our own Triton starts with
    budget_s: float
    output: Path
    resume: bool
    engines: tuple[str, ...] = ()  # none: all

    @property
    def folder(self) -> Path:
        """The model's folder in the repository."""
        return self.repository / self.model.name

    def offers(self) -> list[Offer]:
        """Return what can be tried: engines that are installed, with the versions that they run."""
        asked = [name for name in self.model.engines if name in (self.engines or self.model.engines)]
        # Whether another machine's Triton has an engine, loading a model there will tell.
        return configs.offers(self.folder, {name: bool(self.triton) or find_spec(name) is not None for name in asked})


def setup(order: Order, looked: Before, division: Cores, original: Any) -> Setup:
    """Return what the figures depend on; `original` is the config that is served now."""
    newest = published(order.repository, order.model.name)
    served = Offer(original.backend, int(newest.name), configs.precision(newest))
    versions = {served.version, *(offer.version for offer in order.offers())}
    count = len(division.server)
    return Setup(
        model=order.model.name,
        files={version: _digest(order.folder / str(version)) for version in sorted(versions)},
        newest=served.version,
        default=configs.variant_of(original, served, count),
        goal=order.goal.text,
        list_size=order.list_size,
        cores=count,
        pod=None if order.triton else sorted(division.server),
        shared=division.shared,
        server=order.triton or EMBEDDED,
        budget_s=order.budget_s,
        cpu=looked.hardware.cpu,
    )


def _digest(version: Path) -> str:
    with (version / "model.onnx").open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
