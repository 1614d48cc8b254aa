"""What Triton did between two looks at its statistics: how long requests waited and were computed, in which batches."""

from collections import Counter
from typing import Any

import msgspec

_MS = 1e6  # nanoseconds in a millisecond


class Executed(msgspec.Struct, frozen=True, kw_only=True):
    """Means of a request in milliseconds, and how many batches of each size (in items) were run."""

    queue_ms: float
    compute_ms: float
    batches: dict[int, int]

    @property
    def batch(self) -> float:
        """Items in a batch on average, 0 where nothing ran."""
        runs = sum(self.batches.values())
        return sum(size * count for size, count in self.batches.items()) / runs if runs else 0.0


def executed(before: Any, after: Any, list_size: int, *, merges: bool) -> Executed:
    """Return the difference of two ModelStatistics; a model that merges nothing counts each request as one item."""
    earlier, later = _totals(before), _totals(after)
    spent = later - earlier
    requests = spent["requests"] or 1
    factor = 1 if merges else list_size
    runs = _runs(after)
    runs.subtract(_runs(before))
    return Executed(
        queue_ms=round(spent["queue"] / requests / _MS, 3),
        compute_ms=round(spent["compute"] / requests / _MS, 3),
        batches={size * factor: count for size, count in sorted(runs.items()) if count > 0},
    )


def _totals(versions: Any) -> Counter[str]:
    found: Counter[str] = Counter()
    for each in versions:
        stats = each.inference_stats
        found["requests"] += stats.success.count
        found["queue"] += stats.queue.ns
        found["compute"] += stats.compute_input.ns + stats.compute_infer.ns + stats.compute_output.ns
    return found


def _runs(versions: Any) -> Counter[int]:
    found: Counter[int] = Counter()
    for version in versions:
        for each in version.batch_stats:
            found[each.batch_size] += each.compute_infer.count
    return found
