"""TensorRT through ONNX Runtime: engines take minutes to build, and are kept in files."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from doctor.check import Check, config_check
from doctor.finding import Fault, Finding, located, risky, wrong
from doctor.patient import Patient
from doctor.repository.model import Config
from doctor.wording import listed

_SHAPES = ("trt_profile_min_shapes", "trt_profile_opt_shapes", "trt_profile_max_shapes")
_ON = {"true", "1"}


def _accelerator(config: Config) -> Any:
    accelerators = config.proto.optimization.execution_accelerators.gpu_execution_accelerator
    return next((each for each in accelerators if each.name == "tensorrt"), None)


def _cache(config: Config) -> str:
    accelerator = _accelerator(config)
    return str(accelerator.parameters.get("trt_engine_cache_path", "")).rstrip("/") if accelerator else ""


def _shared(patient: Patient) -> Iterator[Finding]:
    users: dict[str, list[Config]] = defaultdict(list)
    for config in patient.configs:
        if _cache(config):
            users[_cache(config)].append(config)
    for path, configs in users.items():
        models = sorted({config.model.name for config in configs})
        if len(models) > 1:
            fault = wrong(
                f"the engine cache {path} is shared by {listed(models)}: two graphs of the same names answer with one "
                "another's engines",
                "give each model a folder of its own",
            )
            yield located("tensorrt-cache-shared", configs[0].path, f"model {configs[0].model.name}", fault)


cache_shared = Check("tensorrt-cache-shared", "No two models keep their TensorRT engines in one folder.", _shared)


@config_check("tensorrt-cache", "TensorRT engines are kept, in a folder that is named.")
def cache(config: Config, _: Patient) -> Iterator[Fault]:
    """Otherwise every start builds them again."""
    accelerator = _accelerator(config)
    if accelerator is None:
        return
    if accelerator.parameters.get("trt_engine_cache_enable", "").lower() not in _ON or not _cache(config):
        yield risky(
            "TensorRT's engines are not kept: every start of a pod builds them anew, for minutes",
            'set trt_engine_cache_enable: "true" and trt_engine_cache_path to a folder of this model',
        )


@config_check("tensorrt-profile", "TensorRT engines are built for batches from 1 to max_batch_size.")
def profile(config: Config, _: Patient) -> Iterator[Fault]:
    """Without a profile, each new batch size builds an engine while a request waits."""
    accelerator = _accelerator(config)
    if accelerator is None:
        return
    missing = [name for name in _SHAPES if not accelerator.parameters.get(name)]
    if missing:
        yield risky(
            f"{listed(missing)} missing: TensorRT builds another engine for every new batch size, while requests wait",
            f'state the least, the usual and the largest shape, such as {_SHAPES[2]}: "image:64x224x224x3"',
        )
        return
    largest = _batch(accelerator.parameters[_SHAPES[2]])
    if largest is not None and largest < config.proto.max_batch_size:
        yield wrong(
            f"the profile ends at batches of {largest}, max_batch_size is {config.proto.max_batch_size}",
            f"state the same largest batch in {_SHAPES[2]} and max_batch_size",
        )


def _batch(shapes: str) -> int | None:
    first = shapes.partition(",")[0].rpartition(":")[2].partition("x")[0]
    return int(first) if first.isascii() and first.isdecimal() and len(first) < 10 else None


CHECKS = [cache_shared, cache, profile]
