"""Where the curve of latency over throughput turns upwards."""

from collections.abc import Sequence

from loadtest.load.report import Step

_FEWEST = 4  # rates, below which a curve has no shape


def knee(steps: Sequence[Step]) -> int | None:
    """Return the step with the most power: answers per second divided by the mean latency.

    Up to there more load gives more than it costs, beyond it latency grows faster than throughput (L. Kleinrock,
    "Power and deterministic rules of thumb for probabilistic problems in computer communications", ICC 1979).
    Unlike the largest distance from a chord (Kneedle), it does not move with how far beyond the limit a run went.
    None where steps are too few, or the highest rate still has the most power. What the driver doubts does not count.
    """
    powers = {place: power for place, step in enumerate(steps) if (power := _power(step)) is not None}
    rates = {steps[place].rate for place in powers}
    if len(rates) < _FEWEST:
        return None
    best = max(powers, key=lambda place: powers[place])
    return None if steps[best].rate == max(rates) else best


def _power(step: Step) -> float | None:
    if step.doubts or not step.mean_ms:
        return None
    return step.answered_per_s / step.mean_ms
