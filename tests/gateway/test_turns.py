"""Whose turn it is in a queue of several clients."""

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from gateway.turns import Turns


class Item(NamedTuple):
    """One who waits; `number` tells equals apart."""

    client: str
    size: int
    queued: float
    number: int = 0


def waiting(*items: Item) -> Turns[Item]:
    """A queue that they have joined in this order."""
    queue: Turns[Item] = Turns()
    for item in items:
        queue.join(item, first=False)
    return queue


def order(queue: Turns[Item], room: int = 1) -> list[str]:
    """The clients in the order in which they are served."""
    served = []
    while queue:
        served += [item.client for item in queue.take(room)]
    return served


def test_one_client_is_served_in_order() -> None:
    """A client's own items leave in the order of their arrival, as many as there is room for."""
    items = [Item("a", 1, 0.0, number) for number in range(5)]
    queue = waiting(*items)
    assert queue.take(3) == items[:3]
    assert queue.take(3) == items[3:]
    assert queue.take(3) == []


def test_clients_take_turns() -> None:
    """Who has sent one item waits for one of each other client, not for all that they have sent before."""
    queue = waiting(*[Item("hog", 1, 0.0, number) for number in range(4)], Item("a", 1, 1.0), Item("b", 1, 2.0))
    assert order(queue) == ["hog", "a", "b", "hog", "hog", "hog"]


def test_turns_are_worth_inputs() -> None:
    """A client whose items have several inputs gets no more inputs served than the others."""
    lists = [Item("lists", 4, 0.0, number) for number in range(2)]
    queue = waiting(*lists, *[Item("single", 1, 0.0, number) for number in range(8)])
    assert order(queue, room=4) == ["lists"] + ["single"] * 4 + ["lists"] + ["single"] * 4


def test_what_does_not_fit_keeps_its_turn() -> None:
    """An item that finds no room left in a batch is the first of the next one."""
    queue = waiting(Item("a", 2, 0.0), Item("b", 3, 0.0), Item("a", 1, 0.0, 1))
    assert [item.client for item in queue.take(4)] == ["a"]
    assert [item.client for item in queue.take(4)] == ["b", "a"]


def test_an_item_larger_than_the_room_leaves_alone() -> None:
    """What fits into no batch is not stranded."""
    queue = waiting(Item("a", 9, 0.0), Item("b", 1, 0.0))
    assert [item.client for item in queue.take(4)] == ["a"]


def test_who_comes_first_passes_everyone() -> None:
    """An item that need not queue is served before all clients, and costs none of them a turn."""
    queue = waiting(Item("a", 1, 0.0), Item("b", 1, 0.0))
    queue.join(Item("", 1, 5.0), first=True)
    assert order(queue) == ["", "a", "b"]


def test_leaving() -> None:
    """Who leaves, from wherever it stands, is not served; leaving again does nothing."""
    leaver, probe, stays = Item("a", 2, 0.0), Item("", 1, 0.0), Item("b", 1, 3.0)
    queue = waiting(leaver, stays)
    queue.join(probe, first=True)
    for each in (leaver, probe, leaver):
        queue.leave(each)
    assert (queue.inputs, queue.oldest) == (1, 3.0)
    assert order(queue) == ["b"]


def test_debts_end_with_the_queue() -> None:
    """A client that was ahead and has run out of items starts afresh."""
    queue = waiting(Item("a", 5, 0.0), *[Item("b", 1, 0.0, number) for number in range(3)])
    assert [item.client for item in queue.take(5)] == ["a"]
    queue.join(Item("a", 1, 1.0, 1), first=False)
    assert order(queue) == ["b", "a", "b", "b"]


clients = st.sampled_from("abcd")
steps = st.lists(
    st.tuples(st.sampled_from(["join", "first", "leave", "take"]), clients, st.integers(1, 6)), max_size=60
)


@given(steps)
def test_nobody_is_lost_or_served_twice(steps: list[tuple[str, str, int]]) -> None:
    """However items join, leave and are taken, each leaves the queue once, in its client's order, and counts agree."""
    queue: Turns[Item] = Turns()
    inside: list[Item] = []
    for number, (step, client, size) in enumerate(steps):
        if step in ("join", "first"):
            inside.append(Item(client, size, float(number), number))
            queue.join(inside[-1], first=step == "first")
        elif step == "leave" and inside:
            queue.leave(inside.pop(size % len(inside)))
        elif step == "take":
            taken = queue.take(size)
            assert sum(item.size for item in taken) <= size or len(taken) == 1
            assert bool(taken) == bool(inside)
            inside = [item for item in inside if item not in taken]
        assert queue.inputs == sum(item.size for item in inside)
        assert bool(queue) == bool(inside)
        if inside:
            assert queue.oldest == min(item.queued for item in inside)
    assert sorted(queue.clear()) == sorted(inside)
    assert not queue


@given(st.lists(st.integers(1, 4), min_size=2, max_size=5), st.integers(1, 8))
def test_equal_service(sizes: list[int], room: int) -> None:
    """Of clients that always wait, none is ahead of another by more than the largest item and a turn of each."""
    queue: Turns[Item] = Turns()
    served = dict.fromkeys(range(len(sizes)), 0)
    for client, size in enumerate(sizes):
        for number in range(200 // size):
            queue.join(Item(str(client), size, 0.0, number), first=False)
    while sum(served.values()) < 100:
        for item in queue.take(room):
            served[int(item.client)] += item.size
    assert max(served.values()) - min(served.values()) <= 2 * max(sizes) + 1
