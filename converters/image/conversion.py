"""`scoring convert resnet152`: weights in, a proven version in the model repository out."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from converters.errors import WeightsError
from converters.image import network
from converters.image.core import IMAGENET, UNTRAINED
from converters.image.digest import OFFICIAL
from converters.image.engines import MODEL
from converters.image.job import Converted, Job
from converters.image.options import Options, check
from converters.progress import Progress, Silent
from converters.publish import set_files

__all__ = ["MODEL", "Converted", "Options", "convert"]


def convert(repository: Path, options: Options | None = None, progress: Progress | None = None) -> Converted:
    """Load, wrap, prove and publish.

    Without `weights` the official ones are taken when the network reaches them, else random ones; but a version with
    real weights is never replaced by one with random weights that nobody named.

    Raises ConversionError (contradicting options, unusable weights or pictures, parity missed, repository not
    writable); then no version is added.
    """
    return run(Job(repository / MODEL, options or Options(), progress or Silent()))


def run(job: Job, reach: Callable[[str], None] = network.reach) -> Converted:
    """Do a job; `reach` raises WeightsError when the official weights of a framework cannot be had."""
    check(job.options)
    named = job.options.weights is not None or job.options.onnx is not None
    done = job.version_of(job.options.weights or "") if named else _with_the_best_weights(job, reach)
    if done.made is None:
        # What is there stays, unless cores are named; what somebody deleted comes back.
        files = job.files()
        kept = {name for name in files if job.options.cores is None and (job.folder / name).exists()}
        set_files(job.folder, {name: text for name, text in files.items() if name not in kept})
    return done


def _with_the_best_weights(job: Job, reach: Callable[[str], None]) -> Converted:
    """The official weights; without network what is published already, or random ones."""
    standing = job.standing
    real = standing is not None and standing.card.get("weights", UNTRAINED) != UNTRAINED
    if standing and real and job.options.asks_for_nothing and not _is_official(standing.card):
        return replace(standing, because="it was made with options of its own; name --weights to replace it")
    try:
        if not job.is_done(IMAGENET):
            job.progress.step("Asking for the official weights")
            reach(job.options.source)
        return job.version_of(IMAGENET)
    except WeightsError as reason:
        if standing and real and job.options.asks_for_nothing:
            return replace(standing, because=f"its weights are kept, since newer ones cannot be had: {reason}")
        if real:
            raise
        return replace(job.version_of(UNTRAINED), offline=str(reason))


def _is_official(card: Mapping[str, Any]) -> bool:
    """Whether a version is what a run without options makes where the network allows it."""
    return (card.get("framework"), card.get("precision")) == ("torch", "fp32") and card.get("weights") in OFFICIAL
