"""Warm-up: what Triton runs before it calls a model ready."""

from collections.abc import Iterator
from typing import Any

from doctor.check import config_check
from doctor.finding import Fault, risky, wrong
from doctor.patient import Patient
from doctor.repository.model import Config
from doctor.wording import listed


@config_check("warm-up", "Batches of 1 and of the largest size are warmed up, on a GPU all powers of two between.")
def warm_up(config: Config, _: Patient) -> Iterator[Fault]:
    """The first batch of a new size costs memory and, with cuDNN's search, seconds."""
    warmed = set(_sizes(config))
    largest = config.proto.max_batch_size or max(warmed, default=1)
    wanted = {1, largest} | (_ladder(largest) if config.on_gpu else set())
    if missing := sorted(wanted - warmed):
        yield risky(
            f"no warm-up for batches of {listed(missing)}: the first such request waits for what a warm-up would have "
            "done before the model is ready",
            "add model_warmup for these sizes (`scoring convert` writes them)",
        )


def _sizes(config: Config) -> Iterator[int]:
    for sample in config.proto.model_warmup:
        if config.proto.max_batch_size:
            yield sample.batch_size
        else:  # the batch is then part of the shape
            yield from (entry.dims[0] for entry in sample.inputs.values() if entry.dims)


def _ladder(largest: int) -> set[int]:
    return {1 << power for power in range(largest.bit_length()) if 1 << power <= largest}


@config_check("warm-up-inputs", "A warm-up sample has the inputs of the model, of the right type and shape.")
def inputs(config: Config, _: Patient) -> Iterator[Fault]:
    """Triton fails to load a model whose warm-up fails."""
    stated = {tensor.name: tensor for tensor in config.proto.input}
    if not stated:
        return
    for sample in config.proto.model_warmup:
        if set(sample.inputs) != set(stated):
            yield wrong(
                f"it gives {listed(sorted(sample.inputs))}, the model takes {listed(sorted(stated))}: Triton fails to "
                "load it",
                "give every input by its name, and no other",
                f"warm-up {sample.name}",
            )
            continue
        for name, entry in sample.inputs.items():
            yield from _unlike(stated[name], entry, f"warm-up {sample.name}")


def _unlike(tensor: Any, entry: Any, part: str) -> Iterator[Fault]:
    fits = len(tensor.dims) == len(entry.dims) and all(
        wanted in {-1, given} and given > 0 for wanted, given in zip(tensor.dims, entry.dims, strict=True)
    )
    if entry.data_type != tensor.data_type or not fits:
        yield wrong(
            f"its {tensor.name!r} has another type or shape ({list(entry.dims)}) than the input ({list(tensor.dims)})",
            "use the input's type and dims, with a size for every -1",
            part,
        )


CHECKS = [warm_up, inputs]
