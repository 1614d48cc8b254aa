"""How long an answer is expected to take, from how long others took."""

import pytest

from gateway.limits.pace import Pace


def taught(pipeline: int, *answers: tuple[float, int], apart: float = 0.1) -> tuple[Pace, float]:
    """A pace that has learned from answers (seconds, place) so long after each other, and the time of the last."""
    pace, now = Pace(pipeline), 100.0
    for seconds, place in answers:
        now += apart
        pace.learn(seconds, place, now)
    return pace, now


def test_nothing_is_expected_of_the_unknown() -> None:
    """Before the first answer nobody is expected to wait."""
    assert Pace(32).expected(1000, 5.0) == 0.0


def test_one_answer_says_something_of_all_places() -> None:
    """What one alone took is the least for a full pipeline; who waits behind that waits in proportion."""
    pace, now = taught(32, (0.4, 1))
    assert 0.4 <= pace.expected(1, now) < 0.42
    assert 0.4 < pace.expected(32, now) < 1.0
    assert pace.expected(64, now) > pace.expected(32, now)


def test_a_line_is_found() -> None:
    """Where everyone takes a second and a tenth for each place, that is what is expected of any place."""
    answers = [(1.0 + 0.1 * place, place) for place in (1, 20, 7, 35, 14, 3, 28, 11)]
    pace, now = taught(32, *answers)
    for place in (1, 10, 32, 60):
        assert pace.expected(place, now) == pytest.approx(1.0 + 0.1 * place, rel=0.1)
    assert pace.room(3.0, now) == pytest.approx(20, abs=3)


def test_places_that_are_all_the_same() -> None:
    """A model that is always busy with as many takes in proportion for more and for less."""
    pace, now = taught(32, *[(1.2, 48)] * 20)
    assert pace.expected(48, now) == pytest.approx(1.2, rel=0.01)
    assert pace.expected(96, now) == pytest.approx(2.4, rel=0.05)
    assert pace.drained(48, now) == pytest.approx(1.2, rel=0.05)


def test_the_answers_of_one_call_count_as_one() -> None:
    """A call that took long does not outweigh others because it answered many."""
    pace, now = taught(64, *[(0.01, 30)] * 50)
    for _ in range(64):
        pace.learn(2.0, 30, now + 0.01)
    assert pace.expected(30, now) < 0.1


def test_what_is_old_is_believed_less() -> None:
    """Without answers the expectation fades, until somebody may try again; a new answer counts nearly alone then."""
    pace, now = taught(32, *[(5.0, 32)] * 10)
    assert pace.expected(32, now) == pytest.approx(5.0)
    assert pace.expected(32, now + 2.0) == pytest.approx(2.5)
    pace.learn(0.4, 32, now + 4.0)
    assert pace.expected(32, now + 4.0) < 0.5


def test_it_never_expects_less_than_nothing() -> None:
    """Where later places happened to be answered sooner, places are taken to make no difference."""
    pace, now = taught(32, (2.0, 1), (1.0, 30), (2.0, 2), (1.0, 29))
    assert pace.expected(1000, now) >= pace.expected(1, now) > 0.5
