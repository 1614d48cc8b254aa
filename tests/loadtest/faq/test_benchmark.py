"""The FAQ's goals and its pictures, read from a report."""

import msgspec

from loadtest.faq.benchmark import judge, latencies, throughputs
from loadtest.figures import Kind
from tests.loadtest.sample_report import faq_section


def test_goals_are_judged() -> None:
    """Each goal says whether it was met, on both sides of its limit."""
    assert [goal.met for goal in judge(faq_section(peer=2399, p99=4.99))] == [True, True]
    assert [str(goal).split(":")[0] for goal in judge(faq_section(peer=2401, p99=5.0))] == ["MISSED", "MISSED"]


def test_without_a_peer_nothing_is_held_against_it() -> None:
    """The latency remains a goal."""
    section = faq_section()
    alone = msgspec.structs.replace(section, figures=[each for each in section.figures if each.kind != Kind.PEER])
    assert [goal.what for goal in judge(alone)] == ["Gateway, HTTP, 1 connection, p99"]


def test_plot_shows_each_way_in_beside_the_limit() -> None:
    """Single questions under load, lists, and single questions alone."""
    single, lists = throughputs(faq_section())
    (alone,) = latencies(faq_section())
    assert [bar.figure.items_per_s for bar in single.bars] == [10_000, 5000, 6000, 3000, 2000, 150]
    assert [bar.figure.batch for bar in lists.bars] == [32, 32, 32]
    assert {bar.figure.in_flight for bar in alone.bars} == {1}
