"""Batches and queues: what Triton merges, and what slows it down."""

from collections.abc import Iterator

from doctor.check import config_check
from doctor.finding import Fault, risky, wrong
from doctor.patient import Patient
from doctor.repository.model import Config
from doctor.wording import listed

_DELAY = 100_000  # microseconds: as long as a person notices


@config_check("dynamic-batching", "A model with dynamic_batching has a max_batch_size, and the other way round.")
def dynamic_batching(config: Config, _: Patient) -> Iterator[Fault]:
    """Without both, requests of several gateways are run one after the other."""
    proto, batching = config.proto, config.proto.HasField("dynamic_batching")
    if proto.max_batch_size < 0:
        yield wrong(f"max_batch_size is {proto.max_batch_size}: Triton refuses it", "write 0 or more")
    elif batching and not proto.max_batch_size:
        yield wrong(
            "it has dynamic_batching and no max_batch_size: Triton batches nothing, and takes dims for whole shapes",
            "write the largest batch that the model shall get, such as max_batch_size: 64",
        )
    elif proto.max_batch_size > 1 and not batching and not proto.HasField("sequence_batching"):
        yield risky(
            f"max_batch_size is {proto.max_batch_size} without dynamic_batching: Triton runs every request on its own",
            "add dynamic_batching { }",
        )


@config_check("openvino-batching", "A config of the openvino backend has max_batch_size 0.")
def openvino_batching(config: Config, _: Patient) -> Iterator[Fault]:
    """It compiles for exactly that batch."""
    if config.backend == "openvino" and config.proto.max_batch_size > 0:
        yield wrong(
            f"with max_batch_size {config.proto.max_batch_size} the openvino backend compiles the model for exactly "
            "that batch and refuses every other one",
            "leave max_batch_size out, put the batch axis into dims (-1 first), and let the gateway merge requests",
        )


@config_check("preferred-size", "preferred_batch_size is left to TensorRT, and within max_batch_size.")
def preferred_size(config: Config, _: Patient) -> Iterator[Fault]:
    """It pays where an engine was built for certain sizes, and only makes requests wait elsewhere."""
    sizes = list(config.proto.dynamic_batching.preferred_batch_size)
    beyond = [size for size in sizes if not 0 < size <= config.proto.max_batch_size]
    if beyond:
        yield wrong(
            f"preferred_batch_size {listed(beyond)} is not within 1 and max_batch_size {config.proto.max_batch_size}: "
            "Triton refuses the model",
            "leave preferred_batch_size out",
        )
    elif sizes and not _tensorrt(config):
        yield risky(
            f"preferred_batch_size {listed(sizes)} without TensorRT: Triton holds requests back to reach sizes that "
            "are no faster",
            "leave it out: dynamic_batching { } takes what waits",
        )


def _tensorrt(config: Config) -> bool:
    accelerators = config.proto.optimization.execution_accelerators.gpu_execution_accelerator
    return config.backend == "tensorrt" or any(each.name == "tensorrt" for each in accelerators)


@config_check("queue-policy", "Queue limits and timeouts are left to the gateway.")
def queue_policy(config: Config, _: Patient) -> Iterator[Fault]:
    """github.com/triton-inference-server/server/issues/8870; mended by core/pull/509."""
    batching = config.proto.dynamic_batching
    policies = [batching.default_queue_policy, *batching.priority_queue_policy.values()]
    fields = ("default_timeout_microseconds", "allow_timeout_override", "max_queue_size")
    used = [field for field in fields if any(getattr(policy, field) for policy in policies)]
    if used:
        yield risky(
            f"its queue policy ({listed(used)}) slows Triton's dynamic batcher down, in releases without core/pull/509 "
            "more and more until the model is loaded again",
            "leave it out: the gateway limits its queue and enforces deadlines",
        )


@config_check("priority-levels", "There are no priority levels.")
def priority_levels(config: Config, _: Patient) -> Iterator[Fault]:
    """They take the slow path of the batcher, too, and the gateway sends no priorities."""
    batching = config.proto.dynamic_batching
    if batching.priority_levels and not batching.default_priority_level:
        yield wrong("it has priority_levels and no default_priority_level: Triton refuses it", "leave both out")
    elif batching.priority_levels:
        yield risky(
            f"it has {batching.priority_levels} priority levels: they slow the dynamic batcher down, and the gateway "
            "sends no priorities",
            "leave them out: the gateway's quotas and turns keep clients apart",
        )


@config_check("queue-delay", "Requests do not wait long for others while the model is idle.")
def queue_delay(config: Config, _: Patient) -> Iterator[Fault]:
    """The delay is part of every request's latency under low load."""
    delay = config.proto.dynamic_batching.max_queue_delay_microseconds
    if delay > _DELAY:
        yield risky(
            f"max_queue_delay_microseconds lets a lone request wait {delay / 1000:,.0f} ms for company",
            "leave it out, or find a better one with `scoring tune`",
        )


CHECKS = [dynamic_batching, openvino_batching, preferred_size, queue_policy, priority_levels, queue_delay]
