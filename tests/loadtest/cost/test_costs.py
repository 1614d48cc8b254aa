"""The lines of the report, against numbers computed by hand."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from loadtest.cost.costs import ANY, Terms, models
from loadtest.cost.prices import Prices
from loadtest.cost.rates import Rate, measured
from loadtest.cost.report import ModelCost
from loadtest.errors import LoadTestError
from tests.loadtest.cost.samples import PLAN, cpu_report, gpu_report, prices, size, stored


@pytest.fixture
def rates(tmp_path: Path) -> list[Rate]:
    """1,000 questions/s and 10 images/s of a core."""
    return measured([stored(cpu_report(), tmp_path)])


@pytest.fixture
def gpu_rates(tmp_path: Path) -> list[Rate]:
    """400 images/s of a T4."""
    return measured([stored(gpu_report(), tmp_path / "gpu")])


def images(rates: list[Rate], terms: Terms, known: Prices | None = None) -> ModelCost:
    """Return the costs of images."""
    return models(known or prices(), rates, terms)[1]


def test_sizes_without_gpus_follow_their_vcpus(rates: list[Rate]) -> None:
    """10 images/s of a vCPU: 40 on four at 0.2 an hour, 1.389 for a million, twice that when half busy."""
    small, big = images(rates, Terms(PLAN)).processors
    assert (small.size.name, small.per_s, small.per_part) == ("Small", 40, 10)
    assert (small.million, small.million_used) == pytest.approx((1.388889, 2.777778))
    assert (big.per_s, big.million) == pytest.approx((160, 1.388889))


def test_half_of_a_core_serves_half(rates: list[Rate]) -> None:
    """`per_vcpu` scales the sizes without GPUs, and so what a GPU has to serve."""
    whole, half = images(rates, Terms(PLAN)), images(rates, Terms(PLAN, per_vcpu=0.5))
    assert half.processors[0].per_s == 20
    assert half.processors[0].million == pytest.approx(2 * (whole.processors[0].million or 0))
    must = [model.accelerators[0].break_even_per_s for model in (whole, half)]
    assert must == pytest.approx([200, 100])


def test_a_gpu_that_nobody_measured_has_a_break_even_alone(rates: list[Rate]) -> None:
    """Five times the price of a size that serves 40/s: it must serve 200."""
    (gpu,) = images(rates, Terms(PLAN)).accelerators
    assert (gpu.per_s, gpu.per_part, gpu.million, gpu.million_used, gpu.cheaper_above_per_s) == (None,) * 5
    assert gpu.break_even_per_s == pytest.approx(200)


def test_a_report_of_that_gpu_gives_its_rate(rates: list[Rate], gpu_rates: list[Rate]) -> None:
    """400/s at 1.0 an hour: 0.694 for a million; cheaper above the 100/s that five half-busy small nodes serve."""
    (gpu,) = images([*rates, *gpu_rates], Terms(PLAN)).accelerators
    assert (gpu.per_s, gpu.million) == pytest.approx((400, 0.694444))
    assert gpu.cheaper_above_per_s == pytest.approx(5 * 40 * 0.5)
    assert gpu.source.startswith("measured on Tesla T4; gateway http, 8 in flight; 2026-03-04, ")


@pytest.mark.parametrize("said", [{"T4": 300.0}, {ANY: 300.0}])
def test_the_users_word_counts_more_than_a_report(
    said: Mapping[str, float], rates: list[Rate], gpu_rates: list[Rate]
) -> None:
    """By the GPU's name, or for all; for images alone, because questions run on no GPU."""
    faq, pictures = models(prices(), [*rates, *gpu_rates], Terms(PLAN, gpu_per_s=said))
    assert [line.per_s for line in pictures.accelerators] == [300]
    assert [line.per_s for line in faq.accelerators] == [None]


def test_another_gpus_report_says_nothing(rates: list[Rate], gpu_rates: list[Rate]) -> None:
    """A T4 is no L4, and no T400."""
    known = Prices("USD", [size("Small", 4, 0.2), size("Other", 4, 1.0, "L4"), size("Third", 4, 1.0, "T400")])
    found = images([*rates, *gpu_rates], Terms(PLAN), known).accelerators
    assert [line.per_s for line in found] == [None, None]


def test_a_size_with_two_gpus_serves_twice_as_much(rates: list[Rate]) -> None:
    """And `per_part` is what one of them does."""
    two = msgspec.structs.replace(size("Two", 8, 1.5, "T4"), gpus=2)
    known = Prices("USD", [size("Small", 4, 0.2), two])
    (line,) = images(rates, Terms(PLAN, gpu_per_s={"T4": 300.0}), known).accelerators
    assert (line.per_s, line.per_part) == (600, 300)


def test_questions_need_no_gpu_where_processors_are_the_limit(rates: list[Rate]) -> None:
    """Without the model a core does 2,000/s, so four do 8,000, and a node of five times the price must do 20,000."""
    faq, pictures = models(prices(), rates, Terms(PLAN))
    (gpu,) = faq.accelerators
    assert (gpu.most_per_s, gpu.break_even_per_s) == pytest.approx((8000, 20000))
    assert faq.needs_no_gpu
    assert not pictures.needs_no_gpu


def test_a_gpu_among_many_vcpus_may_pay(rates: list[Rate]) -> None:
    """Of a size that is hardly dearer than one without GPU, nothing of the kind is said; nor where there is none."""
    known = Prices("USD", [size("Small", 4, 0.2), size("Gpu", 16, 1.0, "T4")])
    assert not models(known, rates, Terms(PLAN))[0].needs_no_gpu
    assert not models(Prices("USD", [size("Small", 4, 0.2)]), rates, Terms(PLAN))[0].needs_no_gpu


def test_advice_is_the_cheapest_pool(rates: list[Rate]) -> None:
    """50 images/s need two and a half small nodes that are half busy; three are cheaper than one of what else is."""
    asked = Terms(PLAN, gpu_per_s={"T4": 300.0}, loads={"images": 50.0})
    faq, pictures = models(prices(), rates, asked)
    advice = pictures.advice
    assert faq.advice is None
    assert advice is not None
    assert (advice.size, advice.nodes) == ("Small", 3)
    assert advice.monthly == pytest.approx(3 * 0.2 * 730)
    assert advice.busy == pytest.approx(50 / 120)
    assert [(name, nodes) for name, nodes, _ in advice.others] == [("Big", 1), ("Gpu", 1)]


def test_there_must_be_something_to_compare_with(rates: list[Rate], gpu_rates: list[Rate]) -> None:
    """Reports of GPU machines alone, and prices of GPU sizes alone, are refused."""
    with pytest.raises(LoadTestError, match="no report of a machine without GPUs"):
        models(prices(), gpu_rates, Terms(PLAN))
    with pytest.raises(LoadTestError, match="no size without GPUs"):
        models(Prices("USD", [size("Gpu", 4, 1.0, "T4")]), rates, Terms(PLAN))
