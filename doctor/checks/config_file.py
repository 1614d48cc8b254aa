"""A config parses, says what it has to, and is the one that Triton will use."""

from collections.abc import Iterator

from doctor.check import Check, config_check, model_check
from doctor.files import size
from doctor.finding import Fault, Finding, located, risky, wrong
from doctor.patient import Patient
from doctor.repository.model import Config, Model
from doctor.vocabulary import BACKENDS
from doctor.wording import guess, listed

_REWRITE = "write it again with `scoring convert`"


def _readable(patient: Patient) -> Iterator[Finding]:
    for config in patient.all_configs:
        if config.fault:
            fault = wrong(
                f"Triton cannot read this config: it {_completed(config.fault)}", f"correct it, or {_REWRITE}"
            )
            yield located("config-readable", config.path, f"model {config.model.name}", fault)


def _completed(fault: str) -> str:
    """The parser's words, which start with line and column, as the end of a sentence."""
    return f"does not parse: {fault}" if fault[:1].isdecimal() else fault


readable = Check("config-readable", "Every config.pbtxt is there and parses.", _readable)


@model_check("config-missing", "Every model has a config.pbtxt, or one of the name that Triton is started with.")
def missing(model: Model, patient: Patient) -> Iterator[Fault]:
    """Without one Triton makes one up: no warm-up, no dynamic batching, threads for all cores."""
    if model.config(patient.config_name or "") is None:
        yield risky("there is no config.pbtxt, so Triton would make one up from the model file", _REWRITE)


@config_check("config-name", "A config's name is that of the model's folder.")
def name(config: Config, _: Patient) -> Iterator[Fault]:
    """Triton refuses the model otherwise."""
    if config.proto.name and config.proto.name != config.model.name:
        yield wrong(
            f"it names the model {config.proto.name!r}, its folder {config.model.name!r}: Triton refuses to load it",
            "use the folder's name in the config, or leave it out",
        )


@config_check("backend", "A config names a backend that Triton has.")
def backend(config: Config, _: Patient) -> Iterator[Fault]:
    """The Python backend runs code of the repository and dies of malformed texts."""
    if not config.backend:
        yield risky("it names no backend, so Triton guesses one from file names", 'write backend: "onnxruntime"')
    elif config.backend not in BACKENDS:
        advice = guess(config.backend, BACKENDS, f"Triton's are {', '.join(BACKENDS)}")
        yield wrong(f"its backend {config.backend!r} is none of Triton's", advice)
    elif config.backend == "python":
        yield risky(
            "the Python backend runs code from the repository, and a malformed text tensor can kill it",
            "export the model to ONNX and serve it with the backend onnxruntime",
        )


@config_check("auto-complete", "A config says all that Triton would otherwise guess.")
def auto_complete(config: Config, _: Patient) -> Iterator[Fault]:
    """What is guessed differs between a laptop, a server with --disable-auto-complete-config, and Triton's versions."""
    proto = config.proto
    left = [side for side, tensors in (("inputs", proto.input), ("outputs", proto.output)) if not tensors]
    if left:
        yield wrong(
            f"it states no {' and no '.join(left)}: Triton guesses them, or refuses the model where "
            "auto-completion is off",
            f"state them with names, types and dims, or {_REWRITE}",
        )
    if not proto.instance_group:
        yield risky(
            "it has no instance_group, so Triton puts the model on every GPU that it finds, else on the CPU",
            "add instance_group { count: 1 kind: KIND_CPU } or KIND_GPU",
        )
    if not proto.max_batch_size and config.backend == "onnxruntime" and not proto.HasField("dynamic_batching"):
        yield risky(
            "max_batch_size is missing or 0: Triton's auto-completion makes it 4, and without that nothing is batched",
            "state the largest batch and add dynamic_batching { }",
        )


@config_check("model-file", "The file that a config serves is in the newest version's folder.")
def model_file(config: Config, _: Patient) -> Iterator[Fault]:
    """The openvino backend looks for model.xml unless it is told otherwise."""
    version = config.model.newest
    if version is None or size(version.folder / config.file_name) is not None:
        return
    stated = "default_model_filename" if config.proto.default_model_filename else f"the default of {config.backend}"
    yield wrong(
        f"version {version.number} has no file {config.file_name} ({stated}): Triton cannot load it",
        'write default_model_filename: "model.onnx"',
    )


@config_check("version-policy", "The versions that a config asks for exist.")
def version_policy(config: Config, _: Patient) -> Iterator[Fault]:
    """Triton reports such a model as unavailable."""
    known = {version.number for version in config.model.versions}
    absent = [number for number in config.proto.version_policy.specific.versions if number not in known]
    if absent and known:
        yield wrong(
            f"its version_policy asks for version {listed(absent)}; there are {listed(sorted(known))}",
            "publish that version, or name one that exists",
        )


def _named(patient: Patient) -> Iterator[Finding]:
    wanted = patient.config_name
    names = {config.name for model in patient.models for config in model.configs}
    if wanted and patient.models and wanted not in names:
        fault = wrong(
            f"no model has configs/{wanted}.pbtxt, so Triton would take config.pbtxt of each without a word",
            guess(wanted, names - {""}, f"there are {listed(sorted(names - {''}))}"),
        )
        yield located("config-choice", patient.repository, "--config-name", fault)


choice = Check("config-choice", "Some model has the config that --config-name chooses.", _named)

CHECKS = [readable, missing, name, backend, auto_complete, model_file, version_policy, choice]
