"""Which variants are tried: first how the cores are divided and what computes, then how requests are merged."""

from collections.abc import Collection, Iterator, Sequence
from itertools import product
from typing import NamedTuple

from loadtest.tune.variant import Variant

_LONGEST_DELAY = 0.2  # of the latency limit: a request that waits longer for others has no time left for its own work


class Offer(NamedTuple):
    """An engine and a published version that it can run."""

    engine: str
    version: int
    precision: str


class Batching(NamedTuple):
    """How many items may form a batch, and how long they may wait for each other."""

    max_batch_size: int
    queue_delay_us: int


def placements(cores: int) -> list[tuple[int, int]]:
    """Return (instances, threads of each) that use at most `cores` cores, powers of two and all cores in one."""
    steps = sorted({cores, *(1 << power for power in range(cores.bit_length()) if 1 << power <= cores)})
    return [(instances, threads) for instances, threads in product(steps, steps) if instances * threads <= cores]


def divided(default: Variant, offers: Sequence[Offer], cores: int, batch: int) -> list[Variant]:
    """Return a variant for each engine, version and placement; what does not batch yet gets batches of `batch`.

    Requests wait for each other as by default, so that only what computes and where differs.
    """
    return [
        Variant(
            **offer._asdict(),
            instances=instances,
            threads=threads,
            max_batch_size=_usual(offer.engine, default, batch),
            queue_delay_us=default.queue_delay_us if merges(offer.engine) else 0,
        )
        for offer in offers
        for instances, threads in placements(cores)
    ]


def batched(variant: Variant, batchings: Sequence[Batching]) -> Iterator[Variant]:
    """Yield the variant with each way to merge requests; nothing for an engine that merges none."""
    if merges(variant.engine):
        for each in batchings:
            yield replaced(variant, each)


def delays(offered_us: Collection[int], limit_ms: float | None) -> list[int]:
    """Return the delays that leave a good part of the latency limit, the shortest first."""
    longest = float("inf") if limit_ms is None else limit_ms * 1e3 * _LONGEST_DELAY
    return sorted(us for us in offered_us if us <= longest)


def replaced(variant: Variant, batching: Batching) -> Variant:
    """Return a variant that merges in another way."""
    fields = {name: getattr(variant, name) for name in variant.__struct_fields__}
    return Variant(**{**fields, **batching._asdict()})


def merges(engine: str) -> bool:
    """Whether Triton merges requests for an engine; its OpenVINO backend would refuse all batches but the largest."""
    return engine != "openvino"


def _usual(engine: str, default: Variant, batch: int) -> int:
    return (default.max_batch_size or batch) if merges(engine) else 0
