"""From the config that Triton serves to variants of it, and to the config that makes Triton serve a variant."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from converters.model_config import Accelerator, ModelConfig, Tensor, onnxruntime_threads, openvino_threads
from loadtest.errors import LoadTestError
from loadtest.tune.space import Offer, merges
from loadtest.tune.variant import Variant

HEADER = "# Written by `scoring tune`; tune again instead of changing this file.\n"
_THREADS = {"onnxruntime": "intra_op_thread_count", "openvino": "INFERENCE_NUM_THREADS"}
_LADDER = 16  # without a largest batch, the largest that the gateway is usually told to send


class _Card(msgspec.Struct):
    precision: str = ""


def variant_of(config: Any, offer: Offer, cores: int) -> Variant:
    """Return what a config, as Triton reports it, says; threads that it leaves open are one for each of `cores`."""
    parameter = config.parameters.get(_THREADS.get(config.backend, ""))
    threads = parameter.string_value if parameter else ""
    return Variant(
        **offer._asdict(),
        instances=sum(group.count for group in config.instance_group) or 1,
        threads=int(threads or 0) or cores,
        max_batch_size=config.max_batch_size,
        queue_delay_us=config.dynamic_batching.max_queue_delay_microseconds,
    )


def config_of(variant: Variant, base: Any, newest: int, comment: str = "") -> ModelConfig:
    """Return the config of a variant; names, shapes and what tuning does not touch are those of `base`.

    It names a version only where that is not the newest. Batches of all sizes of a ladder are warmed up.
    """
    same_engine = base.backend == variant.engine
    return ModelConfig(
        base.name,
        [_tensor(each, base.max_batch_size) for each in base.input],
        [_tensor(each, base.max_batch_size) for each in base.output],
        comment,
        backend=variant.engine,
        instances=variant.instances,
        max_batch_size=variant.max_batch_size,
        queue_delay_us=variant.queue_delay_us,
        version=None if variant.version == newest else variant.version,
        parameters={**(_kept(base) if same_engine else {}), **_threads(variant)},
        accelerators=list(_accelerators(base)) if same_engine else (),
        label_file=next((each.label_filename for each in base.output if each.label_filename), None),
        warmup_batches=ladder(variant.max_batch_size or _LADDER),
    )


def ladder(largest: int) -> tuple[int, ...]:
    """Return batch sizes up to the largest, each twice the one before."""
    sizes = [1 << power for power in range(largest.bit_length()) if 1 << power < largest]
    return (*sizes, largest)


def offers(model: Path, engines: Mapping[str, bool]) -> list[Offer]:
    """Return what can run: each installed engine with the newest version of each precision, the newest one first."""
    versions = sorted((int(path.name) for path in model.iterdir() if _is_version(path)), reverse=True)
    newest: dict[str, int] = {}
    for version in versions:
        newest.setdefault(precision(model / str(version)), version)
    return [
        Offer(engine, version, name)
        for name, version in newest.items()
        for engine, installed in engines.items()
        if installed
    ]


def precision(version: Path) -> str:
    """Return the precision of a version's file as its card says; nothing where there is no card."""
    try:
        return msgspec.json.decode((version / "model.json").read_bytes(), type=_Card).precision
    except (OSError, msgspec.DecodeError):
        return ""


def check_tunable(config: Any) -> None:
    """Raise LoadTestError for a config whose cores are not what `scoring tune` divides."""
    if any(group.kind == group.KIND_GPU for group in config.instance_group):
        raise LoadTestError(
            f"{config.name} is served on a GPU; tune divides the cores of CPU pods",
            "serve it with a CPU config: --config cpu",
        )
    if config.backend not in _THREADS:
        raise LoadTestError(
            f"{config.name} is served by the backend {config.backend!r}; tune knows {', '.join(_THREADS)}",
            "publish it again: scoring convert",
        )


def _is_version(path: Path) -> bool:
    return path.name.isdecimal() and (path / "model.onnx").is_file()


def _threads(variant: Variant) -> dict[str, str]:
    make = onnxruntime_threads if merges(variant.engine) else openvino_threads
    return make(variant.threads)


def _kept(base: Any) -> dict[str, str]:
    return {name: value.string_value for name, value in base.parameters.items()}


def _accelerators(base: Any) -> Any:
    for each in base.optimization.execution_accelerators.cpu_execution_accelerator:
        yield Accelerator(each.name, parameters=dict(each.parameters))


def _tensor(described: Any, max_batch_size: int) -> Tensor:
    types = described.DESCRIPTOR.fields_by_name["data_type"].enum_type
    dims = tuple(described.dims)
    return Tensor(
        described.name, types.values_by_number[described.data_type].name, dims if max_batch_size else dims[1:]
    )
