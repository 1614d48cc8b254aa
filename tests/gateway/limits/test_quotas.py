"""How often, and how much at a time, each client may ask."""

from pathlib import Path
from time import monotonic, sleep

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.client import Client, Quota
from gateway.errors import QuotaExceededError
from gateway.limits.quotas import Quotas, Ticket


def client(name: str = "web", rate: float | None = None, burst: int = 1, concurrent: int | None = None) -> Client:
    """A client with a quota."""
    return Client(name, frozenset(), Quota(rate, burst, concurrent))


def admitted(quotas: Quotas, who: Client, attempts: int) -> list[Ticket]:
    """The tickets of those attempts that were let in."""
    tickets = []
    for _ in range(attempts):
        try:
            tickets.append(quotas.enter(who))
        except QuotaExceededError:
            continue
    return tickets


def test_without_a_quota_everything_is_let_in() -> None:
    """A client without limits is neither counted nor told anything."""
    tickets = admitted(Quotas(), client(), 10_000)
    assert len(tickets) == 10_000
    assert tickets[0].headers == []
    tickets[0].leave()


def test_a_burst_and_then_the_rate() -> None:
    """As many requests as the burst are let in at once; the next one is told exactly when there is one more."""
    quotas, who = Quotas(), client(rate=2.0, burst=5)
    assert len(admitted(quotas, who, 5)) == 5
    with pytest.raises(QuotaExceededError) as refused:
        quotas.enter(who)
    assert (refused.value.field, refused.value.limit, refused.value.received) == ("rate", "2 per second, 5 at once", 6)
    assert 0.0 < refused.value.retry_after <= 1 / 2
    sleep(refused.value.retry_after)
    quotas.enter(who)


def test_what_is_refused_costs_nothing() -> None:
    """A client that goes on asking gets its next request in no later for it."""
    quotas, who = Quotas(), client(rate=0.2, burst=1)
    quotas.enter(who)
    assert admitted(quotas, who, 1000) == []
    with pytest.raises(QuotaExceededError) as refused:
        quotas.enter(who)
    assert refused.value.retry_after <= 5.0


def test_requests_in_flight() -> None:
    """So many requests may be in flight; one that leaves, however often, makes room for one more."""
    quotas, who = Quotas(), client(concurrent=3)
    tickets = admitted(quotas, who, 10)
    assert len(tickets) == 3
    with pytest.raises(QuotaExceededError) as refused:
        quotas.enter(who)
    assert (refused.value.field, refused.value.limit, refused.value.received) == ("concurrent", 3, 4)
    assert 0.2 <= refused.value.retry_after <= 45.0
    for _ in range(2):
        tickets[0].leave()
    assert len(admitted(quotas, who, 10)) == 1


def test_who_is_refused_for_what_is_in_flight_keeps_its_rate() -> None:
    """A request beyond the concurrent ones costs nothing of the rate."""
    quotas, who = Quotas(), client(rate=0.001, burst=2, concurrent=1)
    first = quotas.enter(who)
    assert admitted(quotas, who, 10) == []
    first.leave()
    quotas.enter(who)


def test_clients_have_quotas_of_their_own() -> None:
    """What one client uses up is not another one's; a name is one client, whichever key it comes with."""
    quotas = Quotas()
    assert len(admitted(quotas, client("a", rate=0.1), 3)) == 1
    assert len(admitted(quotas, client("b", rate=0.1), 3)) == 1
    assert admitted(quotas, client("a", rate=0.1), 3) == []


def test_a_new_quota_counts_at_once() -> None:
    """A client whose rate is raised need not wait as its old one wanted; one whose burst is cut has it cut."""
    quotas = Quotas()
    assert len(admitted(quotas, client(rate=0.01, burst=10), 20)) == 10
    with pytest.raises(QuotaExceededError) as refused:
        quotas.enter(client(rate=100.0, burst=10))
    assert refused.value.retry_after <= 0.01
    sleep(0.02)
    assert len(admitted(quotas, client(rate=0.01, burst=3), 20)) == 0
    assert len(admitted(quotas, client(), 20)) == 20


def test_what_a_client_is_told() -> None:
    """Every reply names the policy and what is left; a refused one when there is more."""
    quotas, who = Quotas(), client(rate=0.1, burst=20)
    assert quotas.enter(who).headers == [
        (b"ratelimit-policy", b'"requests";q=20;w=200'),
        (b"ratelimit", b'"requests";r=19;t=10'),
    ]
    admitted(quotas, who, 100)
    assert dict(quotas.refused(who).headers)[b"ratelimit"].startswith(b'"requests";r=0;t=')


def test_a_stale_state_locks_nobody_out(tmp_path: Path) -> None:
    """Where the clock began anew, as after the machine's restart, a client waits for one request's time at most."""
    quotas, who = Quotas(tmp_path / "quotas"), client(rate=10.0, burst=5)
    quotas.enter(who)
    # What a file of the time before looks like.
    row = quotas._cells.row(quotas._meters["web"]._owner)
    quotas._cells.due[row] = monotonic() + 1e6
    with pytest.raises(QuotaExceededError) as refused:
        quotas.enter(who)
    assert refused.value.retry_after <= 0.1


def test_more_clients_than_rows() -> None:
    """With more clients than there are rows, each is let in; those in flight are still counted right."""
    quotas = Quotas()
    held = quotas.enter(client("held", concurrent=1))
    for number in range(5000):
        quotas.enter(client(f"client-{number}", rate=1.0, burst=1, concurrent=1)).leave()
    assert admitted(quotas, client("held", concurrent=1), 3) == []
    held.leave()
    assert len(admitted(quotas, client("held", concurrent=1), 3)) == 1


@given(
    st.lists(st.tuples(st.sampled_from(["enter", "leave"]), st.sampled_from("abc"), st.integers(0, 50)), max_size=100),
    st.integers(1, 5),
)
def test_in_flight_is_right_whatever_happens(steps: list[tuple[str, str, int]], concurrent: int) -> None:
    """However requests come and go, one is refused exactly when as many as may be are in flight."""
    quotas = Quotas()
    tickets: dict[str, list[Ticket]] = {name: [] for name in "abc"}
    for step, name, number in steps:
        mine = tickets[name]
        if step == "leave" and mine:
            mine.pop(number % len(mine)).leave()
        elif step == "enter":
            let_in = admitted(quotas, client(name, concurrent=concurrent), 1)
            assert bool(let_in) == (len(mine) < concurrent)
            mine += let_in
    for name, mine in tickets.items():
        for ticket in mine:
            ticket.leave()
        assert len(admitted(quotas, client(name, concurrent=concurrent), 10)) == concurrent
