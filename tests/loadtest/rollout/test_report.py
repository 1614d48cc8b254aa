"""A report of roll-outs, and how it is judged."""

from pathlib import Path

import msgspec
import numpy as np

from loadtest import facts, table
from loadtest.rollout import view
from loadtest.rollout.load import Sent
from loadtest.rollout.report import RolloutReport, Scene, judge, stream, told
from loadtest.rollout.timeline import Count, Event
from tests.loadtest.openloop.outcomes import outcome
from tests.loadtest.rollout.pods import timings

ALL = 200


def report(
    *, refused: int = 0, wrong: int = 0, killed: int = 0, shares: dict[str, float] | None = None
) -> RolloutReport:
    """Return the report of a roll-out from version 1 to 2 under ten requests/s, of which some went wrong."""
    rows = [(place / 10, 0.02, 503 if 100 <= place < 100 + refused else 200) for place in range(ALL)]
    versions = np.array([1 + (place >= 120) for place in range(ALL)], np.int16)
    versions[100 : 100 + refused + wrong] = 0
    faults = ["a reply names version '3'"] * wrong
    sent = [Sent("FAQ, HTTP", 10.0, outcome(*rows), versions, faults)]
    scene = Scene(
        name="model rolled out",
        calm_since=0,
        since=5,
        until=15,
        watched_until=20,
        killed=[f"triton-{number}" for number in range(killed)],
        shares=shares or {},
    )
    return RolloutReport(
        facts=facts.facts(facts.before()),
        manifests="k8s/rendered/aks-cpu.yaml",
        timings={"gateway": timings(), "triton-cpu": timings(pre_stop=10)},
        settings={"SCORING_DRAIN_DELAY": "15"},
        delays={"endpoints": 2.0, "names": 30.0},
        streams=[stream(each, 20) for each in sent],
        scenes=[told(scene, sent)],
        events=[Event(6.0, "triton-cpu-2-3", "ready")],
        endpoints={"gateway": [Count(0.0, 2)], "triton-cpu": [Count(0.0, 2), Count(6.0, 3)]},
    )


def met(seen: RolloutReport) -> list[bool]:
    """Return which goals were met."""
    return [goal.met for goal in judge(seen)]


def test_nothing_lost() -> None:
    """Every request got an answer of the version that it names."""
    assert met(report()) == [True, True]
    (effect,) = report().scenes[0].effects
    assert (effect.sent, effect.lost, effect.versions) == (150, 0, {"1": 70, "2": 80})


def test_one_is_too_many() -> None:
    """One refused request, one answer of the wrong version, one pod that had to be killed, one Triton that idles."""
    assert met(report(refused=1)) == [False, True]
    assert met(report(wrong=1)) == [False, True]
    assert met(report(killed=1)) == [True, False]
    assert met(report(shares={"a": 0.45, "b": 0.45, "c": 0.1})) == [True, True, False]
    assert met(report(shares={"a": 0.3, "b": 0.3, "c": 0.4})) == [True, True, True]


def test_report_survives_its_file_and_is_shown(tmp_path: Path) -> None:
    """JSON and back; a row for each stream, what was wrong in the notes, a picture."""
    seen = report(refused=2, wrong=1)
    assert msgspec.json.decode(msgspec.json.encode(seen), type=RolloutReport) == seen
    text = table.document(view.grids(seen), view.notes(seen))
    assert "| model rolled out | FAQ, HTTP | 1: 67, 2: 80 | 150 | 3 | 20.00 | 20.00 | 20.00 | 20.00 |" in text
    assert "a reply names version '3'" in text
    assert "triton-cpu: minReadySeconds 0, maxSurge 1, maxUnavailable 0, preStop 10 s" in text
    view.draw(seen, tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
