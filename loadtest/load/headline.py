"""What a load report says at first sight: the verdict, what speaks against it, and the main figures."""

from loadtest.load import view
from loadtest.load.report import LoadReport, Step
from loadtest.page.layout import Callout, Tile, Tiles
from loadtest.wording import milliseconds, per_second

_INTERRUPTED = "The run was interrupted: what was measured until then is sound, there is more to find out."
_DOUBTED = "The driver was the limit at some rates: their figures say more about the driver than about the service."


def callouts(report: LoadReport) -> list[Callout]:
    """Return the verdict, and what a reader has to know before the figures."""
    found = [_verdict(report)]
    doubted = [step for step in report.steps if step.doubts]
    if doubted:
        found.append(Callout("doubt", _DOUBTED, [f"{_rate(step)}: {'; '.join(step.doubts)}" for step in doubted]))
    if report.interrupted:
        found.append(Callout("doubt", _INTERRUPTED))
    return found


def _verdict(report: LoadReport) -> Callout:
    if not report.slo:
        highest = max(report.steps, key=lambda step: step.answered_per_s)
        answered = f"Up to {per_second(highest.answered_per_s)} requests/s were answered."
        return Callout("plain", f"{answered} No objective was given: nothing is judged.")
    if report.best is not None:
        return _holding(report, report.steps[report.best])
    lowest = report.above
    assert lowest is not None
    if lowest.doubts:
        return Callout(
            "doubt", f"No rate was shown to keep {_slo(report)}: at {_rate(lowest)} the driver was the limit."
        )
    return Callout("bad", f"No rate that was tried keeps {_slo(report)}.", [f"{_rate(lowest)}: {_figures(lowest)}"])


def _holding(report: LoadReport, best: Step) -> Callout:
    items = [f"{_rate(best)}: {_figures(best)}"]
    if report.above is None:
        which = f"All rates that were tried, up to {_rate(best)}," if len(report.steps) > 1 else _rate(best)
        return Callout("good", f"{which} keep {_slo(report)}.", items)
    items.append(f"{_rate(report.above)}: {_against(report.above)}")
    if report.above.doubts:
        return Callout("good", f"At least {_rate(best)} keep {_slo(report)}.", items)
    return Callout("good", f"The highest rate that keeps {_slo(report)} is {_rate(best)}.", items)


def _rate(step: Step) -> str:
    return f"{step.rate:,g} requests/s"


def _against(step: Step) -> str:
    missed = [f"{each.text} ({each.shown})" for each in step.objectives if not each.met]
    return view.verdict(step) if step.doubts else f"misses {', '.join(missed)}"


def _slo(report: LoadReport) -> str:
    *others, last = report.slo.split(",")
    return f"{', '.join(others)} and {last}" if others else last


def _figures(step: Step) -> str:
    return ", ".join(f"{each.text}: {each.shown}" for each in step.objectives)


def tiles(report: LoadReport) -> list[Tiles]:
    """Return the figures of the best step, or of the lowest where none holds."""
    best = None if report.best is None else report.steps[report.best]
    step = best or min(report.steps, key=lambda each: each.rate)
    at = f"at {step.rate:,g}/s"
    found = [
        _rate_tile(report, best),
        *(Tile(name, _ms(value), at) for name, value in _percentiles(step)),
        Tile("errors", f"{step.errors:.2%}", f"refused {step.refused:.2%}", "bad" if step.errors else "plain"),
    ]
    if report.knee is not None:
        found.append(Tile("knee", f"{report.steps[report.knee].rate:,g}/s", "latency turns upwards"))
    return [Tiles(found)]


def _rate_tile(report: LoadReport, best: Step | None) -> Tile:
    if not report.slo:
        highest = max(report.steps, key=lambda step: step.answered_per_s)
        return Tile("answered", f"{per_second(highest.answered_per_s)}/s", f"of {_rate(highest)}")
    tried = len({step.rate for step in report.steps})
    remark = f"of {tried} tried" if tried > 1 else "holds" if best else "does not hold"
    if best is None:
        known = not all(step.doubts for step in report.steps)
        return Tile("highest rate", *(("none holds", remark, "bad") if known else ("not known", remark, "doubt")))
    items = f"{best.rate * report.target.batch:,g} items/s" if report.target.batch > 1 else remark
    return Tile("highest rate" if tried > 1 else "rate", f"{best.rate:,g}/s", items, "good")


def _percentiles(step: Step) -> list[tuple[str, float | None]]:
    return [("p50", step.p50_ms), ("p99", step.p99_ms), ("p99.9", step.p999_ms)]


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{milliseconds(value)} ms"
