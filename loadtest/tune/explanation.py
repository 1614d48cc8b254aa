"""Why a variant won, in plain words: what it does otherwise than the default, and what the alternatives gave."""

from collections.abc import Iterator, Sequence
from math import inf

from loadtest.slo import shown
from loadtest.tune.choice import NOISE
from loadtest.tune.goal import Goal
from loadtest.tune.measured import Step, Trial
from loadtest.tune.models import Model
from loadtest.tune.variant import Variant, delay
from loadtest.wording import milliseconds, per_second

_LIKE = 0.15  # a batch that grew by less is the same


def sentences(best: Trial, default: Trial, trials: Sequence[Trial], goal: Goal, model: Model) -> list[str]:
    """Return why the best variant is it, the result first."""
    return [
        _result(best, default, trials, goal, model.unit),
        *_batches(best, default, model.unit),
        *_alternatives(best, trials, model.unit),
        *_consequences(best.variant, model),
    ]


def unreachable(trials: Sequence[Trial], goal: Goal, unit: str) -> str:
    """Return what came closest, where no variant kept the objectives at any rate."""
    bounds = goal.bounds if goal.rate is None else f"{goal.rate:g} {unit}/s with {goal.bounds}"
    steps = [(step, each) for each in trials for step in each.steps if step.p99_ms is not None]
    if not steps:
        return f"no variant keeps {bounds}: none answered at all"
    step, trial = min(steps, key=lambda each: each[0].p99_ms or inf)
    best = f"the best p99 seen is {shown('p99', step.p99_ms or inf)} at {per_second(step.rate)} {unit}/s"
    return f"no variant keeps {bounds}: {best}, with {trial.variant}"


def telling(trial: Trial) -> Step | None:
    """Return the step that shows a variant at its best: the last one that kept the objectives, at its highest rate."""
    steps = trial.final or trial.search
    kept = [each for each in steps if each.met]
    return max(kept, key=lambda each: each.rate) if kept else (steps[-1] if steps else None)


def _result(best: Trial, default: Trial, trials: Sequence[Trial], goal: Goal, unit: str) -> str:
    if best is default:
        others = [each for each in trials if each.final and each is not default]
        closest = max(others, key=goal.score, default=None)
        beside = f"; the closest other, {closest.variant}, {_reached(closest, goal, unit)}" if closest else ""
        return (
            f"The default is best: it {_reached(default, goal, unit)}, and nothing beats that by more than {NOISE:.0%}"
            f"{beside}."
        )
    gain = _gain(goal.score(best), goal.score(default), goal)
    return (
        f"{best.variant}: it {_reached(best, goal, unit)}; "
        f"the default, {default.variant}, {_reached(default, goal, unit)}{gain}."
    )


def _reached(trial: Trial, goal: Goal, unit: str) -> str:
    score = goal.score(trial)
    if goal.rate is not None:
        rate = f"{goal.rate:g} {unit}/s"
        return f"did not hold {rate}" if score == -inf else f"has a p99 of {milliseconds(-score)} ms at {rate}"
    return "held no rate twice" if score == -inf else f"holds {per_second(score)} {unit}/s"


def _gain(best: float, default: float, goal: Goal) -> str:
    if default in {0.0, -inf}:
        return ""
    share = best / default - 1
    return f" ({share:+.0%})"


def _batches(best: Trial, default: Trial, unit: str) -> Iterator[str]:
    """Say how requests were merged, and where their time went."""
    step, usual = telling(best), telling(default)
    if step is None:
        return
    here, there = step.executed, usual.executed if usual else step.executed
    waits = best.variant.queue_delay_us
    if best is not default and abs(here.batch / (there.batch or 1) - 1) > _LIKE:
        why = f": requests wait up to {delay(waits)} for each other" if waits > default.variant.queue_delay_us else ""
        yield f"At its limit, batches hold {here.batch:.1f} {unit} on average instead of {there.batch:.1f}{why}."
    else:
        yield f"At its limit, batches hold {here.batch:.1f} {unit} on average."
    yield (
        f"A request waits {milliseconds(here.queue_ms)} ms in Triton's queue and is computed for "
        f"{milliseconds(here.compute_ms)} ms"
        + (
            f" (default: {milliseconds(there.queue_ms)} and {milliseconds(there.compute_ms)} ms)."
            if usual is not step
            else "."
        )
    )


def _alternatives(best: Trial, trials: Sequence[Trial], unit: str) -> Iterator[str]:
    """Say for each kind of setting what the best of the other choices gave, in bursts: all were tried so."""
    for choose in (lambda each: each.computing, lambda each: each.placement, _sizes):
        others = [each for each in trials if each.bursts and choose(each.variant) != choose(best.variant)]
        other = max(others, key=lambda each: each.capacity, default=None)
        if other is None or not best.capacity:
            continue
        share = other.capacity / best.capacity
        compared = f"{per_second(other.capacity)} instead of {per_second(best.capacity)} {unit}/s"
        reason = _reason(best.variant, other.variant) if share < 1 - NOISE else ""
        yield f"With {choose(other.variant)}, bursts give {compared}{reason}."


def _sizes(variant: Variant) -> str:
    return f"batches to {variant.max_batch_size}" if variant.max_batch_size else "no merging in Triton"


def _reason(best: Variant, other: Variant) -> str:
    """Return why another division of the cores gives less."""
    if best.computing != other.computing or best.placement == other.placement:
        return ""
    if other.instances > best.instances:
        return ": more instances only divide the cores, and the batches"
    if other.threads > best.threads:
        return ": a batch is too little work to be divided among threads"
    return ": it leaves cores idle"


def _consequences(variant: Variant, model: Model) -> Iterator[str]:
    if 0 < variant.max_batch_size < model.gateway_batch:
        yield (
            f"A gateway's call then holds at most {variant.max_batch_size} {model.unit}, whatever its "
            f"{model.gateway_setting} says."
        )
    if not variant.max_batch_size:
        yield f"Triton merges nothing here: the gateway does, up to {model.gateway_batch} {model.unit} in a call."
