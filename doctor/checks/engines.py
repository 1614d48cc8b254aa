"""Threads, instances and execution providers."""

from collections.abc import Iterator
from typing import Any

from doctor.check import config_check
from doctor.finding import Fault, risky, wrong
from doctor.patient import Patient
from doctor.repository.model import Config
from doctor.threads import threads
from doctor.vocabulary import (
    CPU_ACCELERATORS,
    GPU_ACCELERATORS,
    ONNXRUNTIME_PARAMETERS,
    OPENVINO_PARAMETERS,
    TENSORRT_PARAMETERS,
)
from doctor.wording import guess, listed

_OF_THIS_MACHINE = ("", "local")  # config.pbtxt and configs/local-*.pbtxt: for a laptop without a CPU limit


@config_check(
    "engine-threads", "Threads times instances fit the cores, and are stated where a pod has fewer than its node."
)
def engine_threads(config: Config, patient: Patient) -> Iterator[Fault]:
    """ONNX Runtime and OpenVINO start a thread on every core of the node, whatever the pod's CPU limit says."""
    asked = threads(config)
    if asked is None:
        return
    cores = patient.target.cores
    if asked.total is None and (cores or _for_a_pod(config)):
        yield _open_number(asked.parameter, cores)
    elif asked.total is None and config.backend == "onnxruntime" and not asked.stated:
        yield risky(
            f"{asked.parameter} is not stated: every core of the machine gets a thread, in a pod those of its node",
            f"state {asked.parameter}: the cores divided by the instances; 0 says that all cores are meant",
        )
    elif asked.total and cores and asked.total > cores:
        yield wrong(
            f"{asked} are more than the {cores} cores: they take turns, and a pod is throttled",
            f"set {asked.parameter} to {max(cores // asked.instances, 1)}, or have fewer instances",
        )


def _for_a_pod(config: Config) -> bool:
    return bool(config.name) and config.name.partition("-")[0] not in _OF_THIS_MACHINE


def _open_number(parameter: str, cores: int | None) -> Fault:
    problem = (
        f"{parameter} is missing or 0: the engine starts a thread on every core of the node, whatever the CPU limit"
    )
    advice = f"state {parameter}: the pod's cores{f' ({cores})' if cores else ''} divided by the instances"
    return wrong(problem, advice) if cores else risky(problem, advice)


@config_check("gpu-instances", "A GPU runs one instance of a model.")
def gpu_instances(config: Config, _: Patient) -> Iterator[Fault]:
    """A second one takes its memory and seldom adds throughput to a large network."""
    for group in config.proto.instance_group:
        if config.on_gpu and group.count > 1:
            yield risky(
                f"{group.count} instances on each GPU: each has weights and a memory arena of its own, and they share "
                "the same cores",
                "write count: 1 and let the batches grow, unless `scoring tune` shows that more are faster",
            )


@config_check("accelerators", "Execution providers are known, take their parameters, and fit the kind of instance.")
def accelerators(config: Config, _: Patient) -> Iterator[Fault]:
    """The stock backend drops what does not apply without a word, and refuses what it does not know."""
    lists = config.proto.optimization.execution_accelerators
    on_cpu, on_gpu = lists.cpu_execution_accelerator, lists.gpu_execution_accelerator
    if (on_cpu or on_gpu) and config.backend != "onnxruntime":
        yield risky(f"the backend {config.backend} ignores execution_accelerators", "leave them out")
        return
    kinds = _kinds(config)
    if on_gpu and not kinds & {"KIND_GPU", "KIND_AUTO"}:
        yield wrong(
            f"the GPU accelerator {on_gpu[0].name!r} has no effect on instances of {listed(sorted(kinds))}",
            "write kind: KIND_GPU, or leave the accelerator out",
        )
    yield from _unknown(on_cpu, CPU_ACCELERATORS, "CPU")
    yield from _unknown(on_gpu, GPU_ACCELERATORS, "GPU")
    for accelerator in on_cpu:
        if accelerator.name == "openvino" and accelerator.parameters:
            yield risky(
                f"the stock backend passes OpenVINO no parameters: {listed(sorted(accelerator.parameters))} is ignored",
                "leave them out; the backend openvino takes parameters",
            )
    for accelerator in on_gpu:
        known = TENSORRT_PARAMETERS if accelerator.name == "tensorrt" else None
        for parameter in sorted(accelerator.parameters):
            if known and parameter not in known:
                advice = guess(parameter, known, "leave it out")
                yield wrong(f"TensorRT's accelerator has no parameter {parameter!r}: Triton refuses the model", advice)


def _kinds(config: Config) -> set[str]:
    groups = config.proto.instance_group
    names = type(groups[0]).DESCRIPTOR.enum_types_by_name["Kind"].values_by_number if groups else {}
    return {names[group.kind].name if group.kind in names else str(group.kind) for group in groups} or {"KIND_AUTO"}


def _unknown(asked: Any, known: set[str], place: str) -> Iterator[Fault]:
    for accelerator in asked:
        if accelerator.name not in known:
            advice = guess(accelerator.name, known, f"known are {listed(sorted(known))}")
            yield wrong(f"there is no {place} accelerator {accelerator.name!r}: Triton refuses the model", advice)


@config_check("parameters", "Every parameter is one that the backend reads.")
def parameters(config: Config, _: Patient) -> Iterator[Fault]:
    """Both backends skip what they do not know, so a misspelt one changes nothing and nobody learns of it."""
    known = {"onnxruntime": ONNXRUNTIME_PARAMETERS, "openvino": OPENVINO_PARAMETERS}.get(config.backend)
    if known is None:
        return
    for parameter in sorted(set(config.proto.parameters) - known):
        yield _ignored(config.backend, parameter, known)
    for parameter in ("intra_op_thread_count", "inter_op_thread_count", "INFERENCE_NUM_THREADS"):
        value = config.parameter(parameter)
        if value and not value.removeprefix("-").isdecimal():
            yield wrong(f"{parameter} is {value!r}, no whole number", "write a number, such as 4")


def _ignored(backend: str, parameter: str, known: set[str]) -> Fault:
    if "spinning" in parameter:
        return risky(
            f"the stock backend has no switch for idle threads: it ignores {parameter}",
            "leave it out; few threads and instances keep the spinning small",
        )
    return wrong(
        f"the backend {backend} ignores the parameter {parameter!r} without a word",
        guess(parameter, known, "leave it out"),
    )


CHECKS = [engine_threads, gpu_instances, accelerators, parameters]
