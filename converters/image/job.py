"""One run of `scoring convert resnet152` on a model's folder: is a version there already, and if not, make one."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from converters.errors import ConversionError
from converters.image import engines, image_folder, labels
from converters.image.core import Core
from converters.image.digest import digest, libraries
from converters.image.options import Options
from converters.progress import Progress
from converters.publish import description, latest, publish

if TYPE_CHECKING:
    from converters.image.version import Made

Load = Callable[[Options, str, Progress], Core]


@dataclass(frozen=True)
class Converted:
    """`made` is None when nothing had to be done, and `because` says why; `offline` says why the weights are random.

    `unreadable` names files in the user's folder that are no pictures.
    """

    folder: Path
    card: dict[str, Any]  # what model.json says
    made: "Made | None" = None
    because: str = "none of its inputs has changed"
    offline: str = ""
    unreadable: tuple[str, ...] = ()


def load(options: Options, weights: str, progress: Progress) -> Core:
    """Import the framework that is asked for, and no other; raises ConversionError when it is not installed."""
    try:
        source = importlib.import_module(f"converters.image.{options.source}_source")
    except ModuleNotFoundError as missing:
        raise ConversionError(
            f"--framework {options.source} needs the Python module {missing.name!r}, which is not installed",
            hint="pip install 'realtime-scoring[keras]' installs TensorFlow, Keras and tf2onnx",
        ) from missing
    if options.onnx:
        return cast("Core", source.load(options.onnx, options.preprocess, options.resize))
    return cast("Core", source.load(weights, options.seed, progress))


@dataclass(frozen=True)
class Job:
    """What is asked for, where it goes, and where networks come from."""

    folder: Path
    options: Options
    progress: Progress
    load: Load = load
    _digests: dict[str, str] = field(default_factory=dict)  # by weights: files are read once

    @cached_property
    def standing(self) -> Converted | None:
        """The newest version, if there is one."""
        newest = latest(self.folder)
        return Converted(newest, description(newest)) if newest else None

    def is_done(self, weights: str) -> bool:
        """Whether the newest version was made of these weights, with these options."""
        if self.standing is None or self.options.force:
            return False
        return bool(self.standing.card.get("digest") == self._digest(weights))

    def version_of(self, weights: str) -> Converted:
        """The newest version if it is the one that is asked for, else a new one; raises ConversionError."""
        return self.standing if self.standing and self.is_done(weights) else self._make(weights)

    def files(self) -> dict[str, str]:
        """What stands beside the versions."""
        cores = self.options.cores or engines.pool_cores(self.folder)
        return {engines.LABEL_FILE: labels.text(), **engines.configs(cores)}

    def _digest(self, weights: str) -> str:
        if weights not in self._digests:
            self._digests[weights] = digest(self.options, weights)
        return self._digests[weights]

    def _make(self, weights: str) -> Converted:
        from converters.image.version import Order, make  # noqa: PLC0415  the quantizer takes half a second to import

        fingerprint = self._digest(weights)
        self.progress.step("Loading the weights and exporting the network")
        core = self.load(self.options, weights, self.progress)
        photos = self._photos(core)
        least = 0.0 if self.options.force else self.options.least_agreement
        order = Order(fingerprint, self.options.precision, least, libraries(core.framework))
        made: list[Made] = []

        def write(folder: Path, number: int) -> None:
            made.append(make(core, order, photos, folder, number, self.progress))

        target = publish(self.folder, write, self.files())
        return Converted(target, description(target), made[0], unreadable=photos.unreadable if photos else ())

    def _photos(self, core: Core) -> image_folder.ImageFolder | None:
        folder = self.options.calibration
        if folder is None:
            return None
        self.progress.step("Reading pictures")
        return image_folder.read(
            folder, core.spec, labels.wnids(), lambda files: self.progress.track(files, "Pictures of the folder")
        )
