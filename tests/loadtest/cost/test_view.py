"""What the command says."""

from pathlib import Path

import pytest

from loadtest.cost import view
from loadtest.cost.costs import Terms, models
from loadtest.cost.notes import notes
from loadtest.cost.prices import Prices
from loadtest.cost.rates import measured
from loadtest.cost.report import CostReport
from tests.loadtest.cost.samples import PLAN, cpu_report, prices, size, stored


def made(folder: Path, terms: Terms, known: Prices | None = None) -> CostReport:
    """Return the report of the sample run, and of the sample prices where no others are given."""
    return CostReport(
        created="2026-05-06T07:08:09+00:00", command="scoring cost", prices="prices.toml", currency="USD",
        utilisation=0.5, least_nodes=1, per_vcpu=1.0,
        models=models(known or prices(), measured([stored(cpu_report(), folder)]), terms),
    )  # fmt: skip


def test_tables_hold_what_is_known(tmp_path: Path) -> None:
    """Numbers for sizes without GPUs, a break-even for those with, and a question mark for what nobody measured."""
    shown = view.document(made(tmp_path, Terms(PLAN)))
    assert "| Small | 4 |  | 0.2 | 40.0 | 10.0 | 1.39 | 2.78 |  |" in shown
    assert "| Gpu | 4 | 1 T4 | 1 | ? | ? | ? | ? | 200 |" in shown


def test_assumptions_are_said(tmp_path: Path) -> None:
    """Where figures and prices are from, how they are scaled, what is left out."""
    shown = " ".join(notes(made(tmp_path, Terms(PLAN))))
    for part in (
        "in proportion to vCPUs",
        "half a core",
        "2 cores (Some CPU)",
        "730 hours",
        "2026-03-04",
        "Prices of 2026",
    ):
        assert part in shown


def test_a_gpus_rate_is_said_to_be_the_users(tmp_path: Path) -> None:
    """It was not measured here."""
    shown = notes(made(tmp_path, Terms(PLAN, gpu_per_s={"T4": 300.0})))
    assert "T4: 300 images/s a GPU, as said with --gpu-rate." in shown


@pytest.mark.parametrize(
    ("gpu", "load", "said"),
    [
        ({}, 50.0, "For 50.0 images/s: 3 x Small, 438 USD a month, busy for 42%. Next: 1 x Big, 584 USD."),
        ({}, 70.0, "No pool with GPUs is cheaper at this load, however fast: 1 x Gpu cost 730 USD."),
        ({}, 70.0, "Not measured: Gpu. Each is cheaper than Small above its break-even"),
        ({"T4": 400.0}, 150.0, "For 150 images/s: 1 x Gpu, 730 USD a month, busy for 38%."),
        ({"T4": 400.0}, 150.0, "Gpu is cheaper than without GPU above 100 images/s"),
        ({"T4": 150.0}, 150.0, "Gpu never is cheaper than without GPU: it serves 150 images/s"),
    ],
)
def test_sentences_come_to_a_verdict(gpu: dict[str, float], load: float, said: str, tmp_path: Path) -> None:
    """The pool for the load, and what is to be known of GPUs."""
    report = made(tmp_path, Terms(PLAN, gpu_per_s=gpu, loads={"images": load}))
    _, (_, sentences) = view.summary(report)
    assert said in " ".join(sentences)


def test_a_gpu_that_costs_less_in_every_way_wins_at_any_load(tmp_path: Path) -> None:
    """No load is named above which it does."""
    known = Prices("USD", [size("Small", 4, 0.2), size("Gift", 4, 0.1, "T4")])
    _, (_, sentences) = view.summary(made(tmp_path, Terms(PLAN, gpu_per_s={"T4": 400.0}), known))
    assert sentences == ["Gift is cheaper than without GPU, at any load."]


def test_questions_are_said_to_need_no_gpu(tmp_path: Path) -> None:
    """With the numbers that show it."""
    (_, sentences), _ = view.summary(made(tmp_path, Terms(PLAN)))
    (sentence,) = sentences
    assert "Questions need no GPU, at any load" in sentence
    assert "Gpu would serve 8,000 questions/s at most; to be cheaper it has to serve 20,000" in sentence


@pytest.mark.parametrize(
    ("value", "shown"), [(1234.5, "1,234"), (12.345, "12.35"), (0.7519, "0.752"), (0.004264, "0.00426")]
)
def test_money_has_the_digits_that_count(value: float, shown: str) -> None:
    """Cents of large amounts are noise, and small ones are not nothing."""
    assert view.money(value) == shown
