"""What is asked of a step: the objectives as they were written, and those that go without saying."""

from collections.abc import Iterable, Sequence

from loadtest import slo
from loadtest.errors import LoadTestError
from loadtest.slo import Objective

_ERRORS = "errors<1%"
_LONGER = 10  # a step lasts so many times the longest latency that it allows


def completed(text: str) -> list[Objective]:
    """Return the objectives in a text, with bounds of errors and refusals added. Raises LoadTestError.

    Latencies are those of the answered requests: a service that fails or refuses most of them may answer the others
    fast. So at most 1 % may fail where nothing is said, and as many may be refused as may fail.
    """
    objectives = slo.parse(text)
    for metric in ("errors", "refused"):
        if all(each.metric != metric for each in objectives):
            bound = _bound(objectives)
            objectives += slo.parse(f"{metric}{bound}")
    return objectives


def _bound(objectives: Sequence[Objective]) -> str:
    texts = (each.text for each in objectives if each.metric == "errors")
    return next(texts, _ERRORS).removeprefix("errors")


def written(objectives: Sequence[Objective]) -> str:
    """Return objectives as text."""
    return ",".join(each.text for each in objectives)


def longest(objectives: Iterable[Objective]) -> float | None:
    """Return the longest latency that is allowed, in seconds, None where none is limited."""
    return max((each.limit / 1e3 for each in objectives if each.of_latency and each.upper), default=None)


def check_duration(objectives: Sequence[Objective], seconds: float) -> None:
    """Raise LoadTestError where a step is too short to judge: a growing queue has not reached the limit by its end."""
    limit = longest(objectives)
    if limit is not None and seconds < _LONGER * limit:
        raise LoadTestError(
            f"latencies of up to {limit:g} s cannot be judged in {seconds:g} s: a queue that grows would go unseen",
            f"hold each rate longer: --seconds {_LONGER * limit:g}",
        )
