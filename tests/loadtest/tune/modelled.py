"""A bench that knows what each variant can do: the search sees what it would see without noise."""

from collections.abc import Mapping

from loadtest.tune.errors import VariantError
from loadtest.tune.executed import Executed
from loadtest.tune.measured import Burst, Step
from loadtest.tune.variant import Variant

DEFAULT = Variant(
    engine="onnxruntime", version=1, precision="fp32", instances=1, threads=2, max_batch_size=64, queue_delay_us=0
)
EXECUTED = Executed(queue_ms=1.0, compute_ms=2.0, batches={4: 10})


def varied(**changed: object) -> Variant:
    """Return the default with other settings."""
    fields = {name: getattr(DEFAULT, name) for name in DEFAULT.__struct_fields__}
    return Variant(**{**fields, **changed})


def step(rate: float, *, met: bool, p99_ms: float = 10.0) -> Step:
    """Return a step of a rate that was held or not."""
    return Step(
        rate=rate, seconds=1.0, answered_per_s=rate, p50_ms=p99_ms / 2, p99_ms=p99_ms, errors=0.0, met=met, doubts=[],
        executed=EXECUTED,
    )  # fmt: skip


def burst(items_per_s: float) -> Burst:
    """Return a burst of so many items/s."""
    return Burst(in_flight=8, items_per_s=items_per_s, p99_ms=1.0, executed=EXECUTED)


class ModelledBench:
    """Variants hold what `capacities` says, others `usual` items/s; None refuses to load. Counts what was asked."""

    def __init__(self, capacities: Mapping[Variant, float | None], usual: float = 500.0) -> None:
        self._capacities = capacities
        self._usual = usual
        self.bursts: list[Variant] = []
        self.steps: list[Variant] = []

    def burst(self, variant: Variant, in_flight: int, seconds: float) -> Burst:
        self.bursts.append(variant)
        return burst(self._capacity(variant))

    def step(self, variant: Variant, rate: float, seconds: float) -> Step:
        self.steps.append(variant)
        capacity = self._capacity(variant)
        return step(rate, met=rate <= capacity, p99_ms=1e3 / max(capacity - rate, 1.0))

    def _capacity(self, variant: Variant) -> float:
        found = self._capacities.get(variant, self._usual)
        if found is None:
            raise VariantError("no such engine here")
        return found
