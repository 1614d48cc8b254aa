"""The price file: the package's own, and files that are wrong."""

import re
from pathlib import Path

import pytest

from loadtest.cost.prices import PRICES, read
from loadtest.errors import LoadTestError
from tests.loadtest.cost import samples


def test_the_packages_prices_have_source_and_date() -> None:
    """Every figure says where it is from; there are sizes with GPUs and without, in one region, to be compared."""
    prices = read(PRICES)
    assert {bool(size.gpus) for size in prices.size} == {True, False}
    assert len({size.region for size in prices.size}) == 1
    assert all(re.match(r"20\d\d", size.date) and "." in size.source + size.date for size in prices.size)
    assert all(len(size.source) > 20 for size in prices.size)


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    """Whole numbers are prices, and dates need no quotation marks."""
    path = tmp_path / "prices.toml"
    path.write_text(samples.PRICES)
    read_back = read(path)
    assert read_back.currency == "USD"
    assert [(size.name, size.vcpus, size.hourly, size.gpus, size.gpu) for size in read_back.size] == [
        ("Small", 4, 0.2, 0, ""), ("Big", 16, 0.8, 0, ""), ("Gpu", 4, 1.0, 1, "T4"),
    ]  # fmt: skip
    assert [size.date for size in read_back.size] == ["2026-01-02", "2026-01", "2026"]


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("hourly = 0.8", 'hourly = "cheap"', 'line 15: hourly = "cheap": Expected `float`, got `str`'),
        ("hourly = 0.8", "hourly = 0", "line 15: hourly = 0: Expected `float` > 0.0"),
        ("hourly = 0.8", "hourly = -0.8", "line 15: hourly = -0.8: Expected `float` > 0.0"),
        ("hourly = 0.8", "hourly = inf", "line 15: hourly = inf: a price is a finite number"),
        ("hourly = 0.8", "hourly = nan", "line 15: hourly = nan:"),
        ("hourly = 0.8", "hourly = 0,8", "line 15, column"),
        ("hourly = 0.8\n", "", "line 12: [[size]]: Object missing required field `hourly`"),
        ("hourly = 0.8", "hourly_ = 0.8", "line 12: [[size]]: Object contains unknown field `hourly_`"),
        ("vcpus = 16", "vcpus = 0", "line 14: vcpus = 0: Expected `int` >= 1"),
        ('date = "2026-01"', 'date = "soon"', 'line 17: date = "soon": write a year, a month or a day'),
        ('name = "Big"', 'name = "Small"', 'line 13: name = "Small": this size is there already'),
        ('name = "Big"', 'name = "Big"\ncurrency = "EUR"', 'line 14: currency = "EUR": the file is in USD'),
        ('currency = "USD"', 'currency = "dollars"', 'line 2: currency = "dollars": write three letters'),
        ('currency = "USD"', "", "prices.toml: Object missing required field `currency`"),
        ("gpus = 1\n", "", 'line 23: gpu = "T4": a size with GPUs has both'),
        ('gpu = "T4"\n', "", "line 23: gpus = 1: a size with GPUs has both"),
    ],
)
def test_what_is_wrong_is_named_with_line_field_and_value(
    written: str, instead: str, said: str, tmp_path: Path
) -> None:
    """A reader finds the place at once."""
    assert written in samples.PRICES
    path = tmp_path / "prices.toml"
    path.write_text(samples.PRICES.replace(written, instead))
    with pytest.raises(LoadTestError) as failure:
        read(path)
    assert said in str(failure.value)
    assert "--prices FILE" in failure.value.hint


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"", b"size = 3\ncurrency = 'USD'", b"{not toml"])
def test_files_that_hold_no_prices_are_refused(content: bytes | None, tmp_path: Path) -> None:
    """Missing, not text, empty, of another shape."""
    path = tmp_path / "prices.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LoadTestError, match=re.escape(str(path))):
        read(path)
