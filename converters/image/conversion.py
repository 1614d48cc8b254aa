"""`scoring convert resnet152`: weights in, a proven version in the model repository out."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from converters.errors import ConversionError, WeightsError
from converters.image import engines, image_folder, labels, network
from converters.image.core import IMAGENET, UNTRAINED, Core
from converters.image.digest import OFFICIAL, digest, libraries
from converters.image.engines import MODEL
from converters.image.options import Options, check
from converters.progress import Progress, Silent
from converters.publish import description, latest, publish, set_files

if TYPE_CHECKING:
    from converters.image.version import Made


@dataclass(frozen=True)
class Converted:
    """`made` is None when nothing had to be done; `because` says why, or why the weights are random.

    `unreadable` names files in the user's folder that are no pictures.
    """

    folder: Path
    card: dict[str, Any]  # what model.json says
    made: "Made | None" = None
    because: str = "none of its inputs has changed"
    unreadable: tuple[str, ...] = ()


def convert(repository: Path, options: Options | None = None, progress: Progress | None = None) -> Converted:
    """Load, wrap, prove and publish.

    Without `weights` the official ones are taken when the network reaches them, else random ones; but a version with
    real weights is never replaced by one with random weights that nobody named.

    Raises ConversionError (contradicting options, unusable weights or pictures, parity missed, repository not
    writable); then no version is added.
    """
    job = _Job(repository / MODEL, options or Options(), progress or Silent())
    check(job.options)
    if job.options.weights is not None or job.options.onnx is not None:
        done = job.version_of(job.options.weights or "")
    else:
        done = _with_the_best_weights(job)
    if job.options.cores is not None and done.made is None:
        set_files(job.folder, job.files())
    return done


def _with_the_best_weights(job: "_Job") -> Converted:
    """The official weights; without network what is published already, or random ones."""
    standing = job.standing
    real = standing is not None and standing.card.get("weights", UNTRAINED) != UNTRAINED
    if standing and real and job.options.asks_for_nothing and not _is_official(standing.card):
        return replace(standing, because="it was made with options of its own; name --weights to replace it")
    try:
        if not job.is_done(IMAGENET):
            job.progress.step("Asking for the official weights")
            network.reach(job.options.source)
        return job.version_of(IMAGENET)
    except WeightsError as reason:
        if standing and real and job.options.asks_for_nothing:
            return replace(standing, because=f"its weights are kept, since newer ones cannot be had: {reason}")
        if real:
            raise
        return replace(job.version_of(UNTRAINED), because=str(reason))


def _is_official(card: Mapping[str, Any]) -> bool:
    """Whether a version is what a run without options makes where the network allows it."""
    return (card.get("framework"), card.get("precision")) == ("torch", "fp32") and card.get("weights") in OFFICIAL


@dataclass(frozen=True)
class _Job:
    """One run of the command on a model's folder."""

    folder: Path
    options: Options
    progress: Progress

    @cached_property
    def standing(self) -> Converted | None:
        """The newest version, if there is one."""
        newest = latest(self.folder)
        return Converted(newest, description(newest)) if newest else None

    def is_done(self, weights: str) -> bool:
        """Whether the newest version was made of these weights, with these options."""
        done = self.standing is not None and self.standing.card.get("digest") == digest(self.options, weights)
        return done and not self.options.force

    def version_of(self, weights: str) -> Converted:
        """The newest version if it is the one that is asked for, else a new one."""
        return self.standing if self.standing and self.is_done(weights) else self._make(weights)

    def files(self) -> dict[str, str]:
        """What stands beside the versions."""
        cores = self.options.cores or engines.pool_cores(self.folder)
        return {engines.LABEL_FILE: labels.text(), **engines.configs(cores)}

    def _make(self, weights: str) -> Converted:
        self.progress.step("Loading the weights and exporting the network")
        core = _load(self.options, weights)
        photos = self._photos(core)
        least = 0.0 if self.options.force else self.options.least_agreement
        version = importlib.import_module("converters.image.version")  # it takes a second to import
        order = version.Order(digest(self.options, weights), self.options.precision, least, libraries(core.framework))
        made: list[Made] = []

        def write(folder: Path, number: int) -> None:
            made.append(version.make(core, order, photos, folder, number, self.progress))

        target = publish(self.folder, write, self.files())
        return Converted(target, description(target), made[0], "", photos.unreadable if photos else ())

    def _photos(self, core: Core) -> image_folder.ImageFolder | None:
        folder = self.options.calibration
        if folder is None:
            return None
        self.progress.step("Reading pictures")
        return image_folder.read(
            folder, core.spec, labels.wnids(), lambda files: self.progress.track(files, "Pictures of the folder")
        )


def _load(options: Options, weights: str) -> Core:
    """Import a framework only when its network is asked for; raises ConversionError when it is not installed."""
    try:
        source = importlib.import_module(f"converters.image.{options.source}_source")
    except ModuleNotFoundError as missing:
        raise ConversionError(
            f"--framework {options.source} needs the Python module {missing.name!r}, which is not installed",
            hint="pip install 'realtime-scoring[keras]' installs TensorFlow, Keras and tf2onnx",
        ) from missing
    if options.onnx:
        return cast("Core", source.load(options.onnx, options.preprocess, options.resize))
    return cast("Core", source.load(weights, options.seed))
