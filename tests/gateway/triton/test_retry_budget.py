"""How many calls are made again."""

from gateway.triton.retry_budget import RetryBudget


def test_an_outage_does_not_double_the_load() -> None:
    """When every call fails, no more than a tenth of them are made again, beyond some dozens at first."""
    budget = RetryBudget()
    retries = 0
    for _ in range(10_000):
        budget.earn()
        retries += budget.spend()
    assert 1000 <= retries <= 1100


def test_calm_times_earn_it_back() -> None:
    """After an outage, calls that need no retry make room for some; they are not saved without limit."""
    budget = RetryBudget()
    while budget.spend():
        pass
    for _ in range(1_000_000):
        budget.earn()
    retries = 0
    while budget.spend():
        retries += 1
    assert 40 <= retries <= 60
