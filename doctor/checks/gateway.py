"""The gateway's settings, taken from the environment as `scoring gateway` takes them."""

import os
from collections.abc import Iterable, Iterator

from doctor.check import environment_check
from doctor.finding import Fault, risky, wrong
from doctor.gateway_settings import Reading, read, refusal
from doctor.patient import Patient
from doctor.repository.model import Config


@environment_check("gateway-settings", "The gateway knows every SCORING_ variable and takes its value.")
def settings(patient: Patient) -> Iterator[Fault]:
    """A misspelt variable is ignored, a wrong value keeps the gateway from starting."""
    reading = read(patient.environ)
    yield from reading.faults
    # Defaults are sound, and asking takes a second.
    asked = reading.given and not reading.faults
    if asked and (reason := refusal(patient.environ, files=True)):
        yield wrong(f"the gateway refuses to start: {reason}", "`scoring gateway --check` tells when it is right")


@environment_check("gateway-models", "The models that the gateway asks for are in the repository.")
def served(patient: Patient) -> Iterator[Fault]:
    """Without a catalog it cannot answer."""
    reading = read(patient.environ)
    for name in ("faq_model", "image_model"):
        wanted = getattr(reading.settings, name)
        if patient.models and patient.model(wanted) is None:
            yield risky(
                f"the repository has no model {wanted!r} ({name}): its requests will be refused",
                f"publish it, or name another in SCORING_{name.upper()}",
            )


@environment_check("gateway-batches", "The gateway sends no larger batches than the models take and have warmed up.")
def batches(patient: Patient) -> Iterator[Fault]:
    """It cuts its own limit to the model's max_batch_size; one without batching takes any size."""
    yield from batch_faults(read(patient.environ), patient.configs)


def batch_faults(reading: Reading, configs: Iterable[Config]) -> Iterator[Fault]:
    """Judge the batch sizes of settings by what the models take."""
    limits = {
        reading.settings.faq_model: "max_batch_size",
        reading.settings.image_model: "max_image_batch_size",
    }
    for config in configs:
        if config.model.name in limits:
            yield from _beyond(reading, limits[config.model.name], config)


def _beyond(reading: Reading, limit: str, config: Config) -> Iterator[Fault]:
    size, most = getattr(reading.settings, limit), config.proto.max_batch_size
    variable, place = f"SCORING_{limit.upper()}", f"{config.model.name}/{config.path.name}"
    if most and size > most and reading.sets(f"SCORING_{limit.upper()}"):
        yield risky(
            f"{variable} is {size}, and max_batch_size of {place} is {most}: the gateway will send {most} at most",
            f"set {variable} to {most}, or raise max_batch_size",
        )
    samples = (entry for sample in config.proto.model_warmup for entry in sample.inputs.values())
    warmed = max((entry.dims[0] for entry in samples if entry.dims), default=0)
    if not most and 0 < warmed < size:
        yield risky(
            f"{variable} is {size}, and {place}, which takes any batch, is warmed up to {warmed}",
            f"set {variable} to {warmed}, or warm up larger batches",
        )


@environment_check("gateway-deadlines", "A request that names no deadline gets no longer one than it might ask for.")
def deadlines(patient: Patient) -> Iterator[Fault]:
    """Both limits are in seconds."""
    yield from deadline_faults(read(patient.environ))


def deadline_faults(reading: Reading) -> Iterator[Fault]:
    """Judge the deadlines of settings."""
    found = reading.settings
    if found.deadline > found.max_deadline:
        yield wrong(
            f"SCORING_DEADLINE is {found.deadline:g} s, SCORING_MAX_DEADLINE only {found.max_deadline:g} s",
            "make the first one the smaller",
        )
    if found.readiness_deadline > found.deadline:
        yield risky(
            f"SCORING_READINESS_DEADLINE is {found.readiness_deadline:g} s, requests have {found.deadline:g} s: the "
            "service counts as ready while requests fail",
            "make it shorter than SCORING_DEADLINE",
        )


@environment_check("gateway-workers", "Workers and decoding threads fit the cores.")
def workers(patient: Patient) -> Iterator[Fault]:
    """A worker keeps about one core busy."""
    found = read(patient.environ)
    yield from worker_faults(found, float(len(os.sched_getaffinity(0))), "this machine")


def worker_faults(reading: Reading, cores: float, place: str) -> Iterator[Fault]:
    """Judge the numbers of processes and threads of settings against cores."""
    found = reading.settings
    if found.workers > max(cores, 1):
        yield risky(
            f"SCORING_WORKERS is {found.workers}, {place} has {cores:g} cores: the workers take turns",
            f"set it to {max(int(cores), 1)} or less",
        )
    elif found.workers * found.decode_threads > 2 * max(cores, 1):
        yield risky(
            f"{found.workers} workers with {found.decode_threads} decoding threads each share the {cores:g} cores of "
            f"{place}",
            "leave SCORING_DECODE_THREADS out: it follows the cores",
        )


CHECKS = [settings, served, batches, deadlines, workers]
