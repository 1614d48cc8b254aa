"""Who is admitted, who is refused, and that everything is given back."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import OverloadedError
from gateway.limits.admission import Admission, Bounds, Place

AMPLE = Bounds(items=1000, bytes=1_000_000, pipeline=100)


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def waiting(admission: Admission, items: int, client: str = "a", seconds: float = 5.0) -> Place:
    """A request whose items wait for the model."""
    place = admission.enter(client, 10, 100.0 + seconds)
    place.expect(items)
    return place


def test_what_is_held_is_counted_and_given_back_once() -> None:
    """A request holds one item and its announced bytes, then what it asks for, until it leaves."""
    admission = Admission(AMPLE, "questions", Clock())
    place = admission.enter("a", 500, 105.0)
    assert (admission.items, admission.bytes, admission.clients()) == (1, 500, {"a": 1})
    place.hold(100)
    place.expect(7)
    assert (admission.items, admission.bytes, admission.clients()) == (7, 600, {"a": 7})
    for _ in range(2):
        place.leave(answered=True)
        assert (admission.items, admission.bytes, admission.clients()) == (0, 0, {})


def test_the_bound_of_items() -> None:
    """Items are bounded, an arriving one included; the error names limit and number, and says when to come back."""
    admission = Admission(Bounds(items=7, bytes=1000, pipeline=100), "images", Clock())
    places = [waiting(admission, 3), waiting(admission, 4)]
    with pytest.raises(OverloadedError, match="Too many images") as refused:
        admission.enter("b", 10, 105.0)
    assert (refused.value.limit, refused.value.received) == (7, 7)
    assert 0.2 <= refused.value.retry_after <= 0.3
    places[0].leave(answered=False)
    admission.enter("b", 10, 105.0)


def test_a_list_that_finds_no_room_keeps_its_place() -> None:
    """A request that is refused when its items are known still holds what it held, until it leaves."""
    admission = Admission(Bounds(items=7, bytes=1000, pipeline=100), "images", Clock())
    first = waiting(admission, 3)
    late = admission.enter("a", 10, 105.0)
    with pytest.raises(OverloadedError):
        late.expect(5)
    assert admission.items == 4
    late.expect(4)
    late.leave(answered=False)
    first.leave(answered=False)
    assert (admission.items, admission.bytes) == (0, 0)


@pytest.mark.parametrize("items", [1, 8, 500])
def test_where_nobody_waits_any_list_may_enter(items: int) -> None:
    """A list longer than all bounds could never be answered otherwise."""
    waiting(Admission(Bounds(items=7, bytes=1000, pipeline=4), "images", Clock()), items)


def test_the_bound_of_bytes() -> None:
    """Bytes are bounded over all requests, while a body arrives, too; where nothing is held there is room for any."""
    admission = Admission(Bounds(items=100, bytes=1000, pipeline=100), "images", Clock())
    large = admission.enter("a", 5000, 105.0)
    with pytest.raises(OverloadedError, match="bodies of all images") as refused:
        admission.enter("b", 1, 105.0)
    assert (refused.value.field, refused.value.limit, refused.value.received) == ("body", 1000, 5001)
    large.leave(answered=True)
    first, second = admission.enter("a", 400, 105.0), admission.enter("b", 400, 105.0)
    with pytest.raises(OverloadedError):
        first.hold(300)
    assert admission.bytes == 800
    second.leave(answered=True)
    first.hold(300)


def test_the_last_part_of_the_room_is_kept_for_those_who_hold_little() -> None:
    """A client alone fills seven eighths of the room; another one still gets in, the first one does not."""
    admission = Admission(Bounds(items=80, bytes=1_000_000, pipeline=1000), "questions", Clock())
    for _ in range(70):
        waiting(admission, 1, "hog")
    with pytest.raises(OverloadedError, match="this client's questions") as refused:
        admission.enter("hog", 10, 105.0)
    assert (refused.value.limit, refused.value.received) == (40, 70)
    for _ in range(10):
        waiting(admission, 1, "light")
    with pytest.raises(OverloadedError, match="Too many questions are waiting"):
        admission.enter("other", 10, 105.0)


def test_bytes_are_shared_likewise() -> None:
    """A client that holds most of the bytes leaves room for the body of another one."""
    admission = Admission(Bounds(items=100, bytes=800, pipeline=100), "images", Clock())
    admission.enter("hog", 700, 105.0)
    with pytest.raises(OverloadedError, match="bodies of this client's images") as refused:
        admission.enter("hog", 50, 105.0)
    assert (refused.value.limit, refused.value.received) == (400, 750)
    admission.enter("light", 100, 105.0)


def test_bodies_that_arrive_are_no_queue() -> None:
    """However many clients take their time to send, the model has nothing to do: the next one is admitted."""
    clock = Clock()
    admission = Admission(Bounds(items=1000, bytes=1_000_000, pipeline=4), "images", clock)
    for _ in range(100):
        admission.enter("slow", 10, 105.0)
        clock.now += 0.1
    waiting(admission, 1, seconds=60.0)


def test_a_queue_that_stays_is_kept_short() -> None:
    """A queue may be long for a moment; after that it takes no more until it was short once."""
    clock = Clock()
    admission = Admission(Bounds(items=1000, bytes=1_000_000, pipeline=8), "images", clock)
    places = [waiting(admission, 1) for _ in range(40)]
    clock.now += 1.0
    with pytest.raises(OverloadedError) as refused:
        admission.enter("a", 10, 110.0)
    assert (refused.value.limit, refused.value.received) == (12, 40)
    for place in places[:30]:
        place.leave(answered=False)
    waiting(admission, 1), waiting(admission, 1)
    with pytest.raises(OverloadedError):
        admission.enter("a", 10, 110.0)
    for place in places[30:38]:
        place.leave(answered=False)
    for _ in range(20):
        waiting(admission, 1)


def test_the_pipeline_that_became_known() -> None:
    """What keeps the model busy may be learned later; from then on it counts."""
    clock = Clock()
    admission = Admission(Bounds(items=1000, bytes=1_000_000, pipeline=8), "images", clock)
    admission.pipeline(100)
    for _ in range(40):
        waiting(admission, 1)
    clock.now += 1.0
    waiting(admission, 1)


def test_what_cannot_be_answered_in_time_is_refused_on_arrival() -> None:
    """Who has less time than the answer is expected to take is refused, unless nobody waits; others are not."""
    clock = Clock()
    admission = Admission(AMPLE, "images", clock)
    first = waiting(admission, 1)
    clock.now += 2.0
    first.leave(answered=True)
    waiting(admission, 1, seconds=2.5)
    with pytest.raises(OverloadedError, match="in time") as refused:
        admission.enter("a", 10, clock.now + 2.5)
    assert refused.value.received == 1
    admission.enter("a", 10, clock.now + 5.0)


def test_what_ends_without_an_answer_teaches_nothing() -> None:
    """A request that failed or was cancelled says nothing about how long an answer takes."""
    clock = Clock()
    admission = Admission(AMPLE, "images", clock)
    place = waiting(admission, 1)
    clock.now += 60.0
    place.leave(answered=False)
    waiting(admission, 1)
    admission.enter("a", 10, clock.now + 0.1)


def test_who_gives_up_early_teaches_no_haste() -> None:
    """Requests with hardly any time do not make others believe that they will be answered as quickly."""
    clock = Clock()
    admission = Admission(AMPLE, "images", clock)
    first = waiting(admission, 1)
    clock.now += 4.0
    first.leave(answered=True)
    for _ in range(40):
        place = admission.enter("a", 10, clock.now + 0.01)
        place.expect(1)
        clock.now += 0.01
        place.leave(answered=True)
    waiting(admission, 1)
    with pytest.raises(OverloadedError, match="in time"):
        admission.enter("a", 10, clock.now + 4.0)


steps = st.lists(
    st.tuples(
        st.sampled_from(["enter", "hold", "expect", "leave", "wait", "pipeline"]),
        st.sampled_from("abc"),
        st.integers(0, 60),
    ),
    max_size=80,
)


@settings(max_examples=200)
@given(steps, st.integers(1, 50), st.integers(1, 500), st.integers(1, 40))
def test_the_accounts_are_right_whatever_happens(
    steps: list[tuple[str, str, int]], items: int, size: int, pipeline: int
) -> None:
    """However requests enter, grow, are refused and leave, the sums are right, and all comes back."""
    clock = Clock()
    admission = Admission(Bounds(items, size, pipeline), "images", clock)
    places: list[Place] = []
    for step, client, number in steps:
        before = admission.items, admission.bytes
        try:
            match step:
                case "enter":
                    places.append(admission.enter(client, number, clock.now + number / 10))
                case "hold" if places:
                    places[number % len(places)].hold(number)
                case "expect" if places:
                    place = places[number % len(places)]
                    place.expect(max(number + 1, place.items))
                case "leave" if places:
                    places.pop(number % len(places)).leave(answered=number % 2 == 0)
                case "wait":
                    clock.now += number / 20
                case "pipeline":
                    admission.pipeline(number + 1)
        except OverloadedError:
            after = admission.items, admission.bytes
            assert after == before
        assert admission.items == sum(place.items for place in places) == sum(admission.clients().values())
        assert admission.bytes == sum(place.bytes for place in places)
        assert admission.items <= items or len(places) == 1 or max(place.items for place in places) > items
    for place in places:
        place.leave(answered=False)
        place.leave(answered=True)
    assert (admission.items, admission.bytes, admission.clients()) == (0, 0, {})
    waiting(admission, items + 5)
