"""What a pod may use, against what its engines and processes will."""

from collections.abc import Iterator

from doctor.check import container_check, workload_check
from doctor.checks.gateway import worker_faults
from doctor.files import size
from doctor.finding import Fault, risky, wrong
from doctor.manifests.containers import Container
from doctor.manifests.roles import configs, settings
from doctor.manifests.workloads import Workload
from doctor.patient import Patient
from doctor.threads import threads
from doctor.wording import listed

_SHARED = ("cpu", "memory")
_SERVER = 512 * 2**20  # bytes of Triton itself
_COPIES = 2.5  # of a model's file in memory: as read, as optimised, and what a batch needs


@container_check("requests", "Triton asks for whole cores and no more than it gets; everybody asks for something.")
def requests(container: Container, _: Patient) -> Iterator[Fault]:
    """With whole cores, requests = limits, the kubelet's static policy gives cores of its own."""
    for resource in ("cpu", "memory"):
        asked, most = container.resource("requests", resource), container.resource("limits", resource)
        if asked is None and most is None:
            yield risky(
                f"it asks for no {resource}: the node may be full, and autoscaling by share has nothing to go by",
                f"state resources.requests.{resource}",
            )
        elif container.is_triton and asked is not None and asked != most:
            yield risky(
                f"its {resource} request and limit differ ({asked:g} and {'none' if most is None else f'{most:g}'}): "
                "neighbours take what an engine counts on",
                f"make requests.{resource} and limits.{resource} equal",
            )
    cores = container.resource("limits", "cpu")
    if container.is_triton and cores is not None and cores != int(cores):
        yield risky(f"its CPU limit is {cores:g}: a thread is throttled for a part of the time", "give it whole cores")


@workload_check("guaranteed", "Every container of Triton's pod asks for as much as it may use.")
def guaranteed(workload: Workload, _: Patient) -> Iterator[Fault]:
    """One that does not takes the pod's cores of its own away: the class Guaranteed is the pod's."""
    for container in [*workload.first, *workload.containers] if workload.triton else ():
        asked, most = ([container.resource(side, name) for name in _SHARED] for side in ("requests", "limits"))
        if not container.is_triton and (None in most or asked not in (most, [None, None])):
            yield risky(
                f"container {container.name} does not ask for as much CPU and memory as it may use: the whole pod is "
                "no longer Guaranteed, and Triton shares its cores",
                f"make requests and limits of {container.name} equal",
            )


@container_check("cpu-threads", "The engines' threads fit the CPU limit of Triton's container.")
def cpu_threads(container: Container, patient: Patient) -> Iterator[Fault]:
    """Threads see the cores of the node, not the limit."""
    if not container.is_triton:
        return
    cores, total = container.resource("limits", "cpu"), 0
    for config in configs(container, patient):
        asked = threads(config)
        name = f"{config.model.name}/{config.path.name}"
        if asked is None:
            continue
        total += asked.total or 0
        if asked.total is None:
            yield wrong(
                f"{name} does not state {asked.parameter}: the engine starts a thread on every core of the node, "
                "whatever "
                "the CPU limit",
                _threads_advice(cores, asked.parameter, asked.instances),
            )
        elif cores is not None and asked.total > cores:
            yield wrong(
                f"{name} uses {asked}, the CPU limit is {cores:g}: they are throttled",
                _threads_advice(cores, asked.parameter, asked.instances),
            )
    if cores is not None and cores < total:
        yield risky(
            f"the models' engines have {total} threads together, the CPU limit is {cores:g}: they slow one another "
            "down "
            "when all are busy",
            "raise the limit, lower their threads, or serve them from pods of their own",
        )


def _threads_advice(cores: float | None, parameter: str, instances: int) -> str:
    number = f" {max(int(cores / instances), 1)}" if cores else " the cores divided by the instances"
    return f"set {parameter} to{number}, or choose another config with --model-config-name"


@container_check("memory", "The memory limit holds the models.")
def memory(container: Container, patient: Patient) -> Iterator[Fault]:
    """Roughly: a file is read, optimised into a copy, and run."""
    most = container.resource("limits", "memory")
    if not container.is_triton or most is None:
        return
    newest = [config.model.newest for config in configs(container, patient)]
    files = sum(size(version.onnx) or 0 for version in newest if version)
    needed = _SERVER + _COPIES * files
    if files and most < files:
        yield wrong(
            f"the memory limit is {_mib(most)}, the model files alone have {_mib(files)}", f"allow {_mib(needed)}"
        )
    elif files and most < needed:
        yield risky(
            f"the memory limit is {_mib(most)}; Triton with these models may take {_mib(needed)}, and is killed beyond "
            "its limit",
            f"allow {_mib(needed)} or more",
        )


def _mib(number: float) -> str:
    return f"{number / 2**20:,.0f} MiB"


@container_check("gpu", "Pods with a GPU use it, and configs for a GPU get one.")
def gpu(container: Container, patient: Patient) -> Iterator[Fault]:
    """Triton fails to load a KIND_GPU model without one."""
    if not container.is_triton:
        return
    chosen = configs(container, patient)
    wanting = [f"{config.model.name}/{config.path.name}" for config in chosen if config.on_gpu]
    if wanting and not container.gpus:
        yield wrong(f"{listed(wanting)} asks for a GPU, the container has none", 'add limits: nvidia.com/gpu: "1"')
    elif container.gpus and chosen and not wanting:
        yield risky(
            f"the container has a GPU, and no model uses it ({listed(each.path.name for each in chosen)})",
            "choose a config for GPUs: --model-config-name=gpu",
        )


@container_check("workers", "The gateway's workers and threads fit its CPU limit.")
def workers(container: Container, _: Patient) -> Iterator[Fault]:
    """Each worker keeps about one core busy."""
    cores = container.resource("limits", "cpu") or container.resource("requests", "cpu")
    if container.is_gateway and cores is not None:
        yield from worker_faults(settings(container), cores, "its container")


CHECKS = [requests, guaranteed, cpu_threads, memory, gpu, workers]
