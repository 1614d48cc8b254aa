"""The tables, for the terminal and in Markdown."""

import re

import msgspec
import pytest
from rich.console import Console

from loadtest.environment import Gpu
from loadtest.report import Report
from loadtest.table import agreement, beside, figures, grids, markdown, memory, notes, terminal
from loadtest.wording import milliseconds, per_second
from tests.loadtest.sample_report import sample_report


def test_rows_hold_rates_latencies_and_ratios(report: Report) -> None:
    """A group is named in its first row; numbers are rounded for reading."""
    http = figures(report).sections[2]
    assert http[0][0] == "Gateway, HTTP"
    assert http[1] == ("", "64 connections", "6,000", "0.80", "9.00", "12.0%", "3.00")


def test_baseline_has_a_column_where_there_is_one(report: Report, image_report: Report) -> None:
    """Several engines are compared with one of them; what is no classification is compared with nothing."""
    grid = figures(image_report)
    assert grid.head == (
        "service", "load", "images/s", "p50 ms", "p99 ms", "of the limit", "x ONNX Runtime FP32", "x peer",
    )  # fmt: skip
    assert set(grid.head) - set(figures(report).head) == {"images/s", "x ONNX Runtime FP32"}
    decoding = next(section[0] for section in grid.sections if section[0][0] == "Decoding alone")
    assert decoding == ("Decoding alone", "one core", "380", "0.80", "9.00", "", "", "")


def test_column_without_a_value_is_left_out(image_report: Report) -> None:
    """Without a peer there is no comparison with one."""
    alone = [each for each in image_report.figures if each.kind != "peer"]
    assert "x peer" not in figures(msgspec.structs.replace(image_report, figures=alone)).head


def test_latency_beside_images_is_held_against_its_own_alone(image_report: Report) -> None:
    """Each setting of the engine has its own row without images."""
    assert [[row[-2:] for row in section] for section in beside(image_report).sections] == [
        [("1.00", ""), ("4.50", "70.0")],
        [("1.00", ""), ("1.50", "70.0")],
    ]


def test_agreement_is_shown_with_what_is_known(image_report: Report) -> None:
    """Probabilities are compared between engines only."""
    rows = agreement(image_report).sections[0]
    assert rows == [("OpenVINO bf16", "100%", "4.2e-03"), ("OpenVINO INT8", "94%", "")]


def test_memory_is_summed_without_counting_shared_pages_twice(image_report: Report) -> None:
    """The sum is of the proportional sizes."""
    assert memory(image_report).sections[-1] == [("sum", "", "1,030")]


@pytest.mark.parametrize("name", ["report", "image_report"])
def test_markdown_holds_all_figures(name: str, request: pytest.FixtureRequest) -> None:
    """Every line of a table has as many cells as its head, and every figure has a line."""
    report = request.getfixturevalue(name)
    tables = [part.splitlines() for part in markdown(report).split("\n\n") if part.startswith("|")]
    assert len(tables) == len(grids(report))
    assert len(tables[0]) == 2 + len(report.figures)
    for lines in tables:
        assert len({line.count("|") for line in lines}) == 1
        assert re.fullmatch(r"(\|-+:?)+\|", lines[1])


def test_terminal_table_is_rendered(report: Report) -> None:
    """A narrow terminal still shows every rate."""
    console = Console(width=80, record=True, file=None, quiet=False)
    with console.capture() as capture:
        console.print(terminal(figures(report), notes(report)))
    assert all(f"{figure.items_per_s:,.0f}" in capture.get() for figure in report.figures)


def test_notes_say_where_figures_come_from(report: Report) -> None:
    """Machine, rounds, versions, date and revision; a busy machine is confessed."""
    text = notes(report)
    assert "2 cores (Example CPU, 16 GiB)" in text
    assert "medians of 3 interleaved rounds of 3 s" in text
    assert "2026-11-23, revision 0123456." in text
    assert "busy" not in text
    assert "busy before the run (load 2.5)" in notes(sample_report(load_average=2.5))
    disturbed = msgspec.structs.replace(report, disturbance=0.37)
    assert "others kept 37% of the machine busy: measure again" in notes(disturbed)


def test_notes_name_what_computes(image_report: Report) -> None:
    """Matrix features, GPUs and engines' versions."""
    gpus = (Gpu("Example GPU", "580.1", 81_920),)
    hardware = msgspec.structs.replace(image_report.hardware, gpus=gpus)
    text = notes(msgspec.structs.replace(image_report, hardware=hardware))
    assert "2 cores (Example CPU, amx_bf16 amx_int8, 16 GiB), Example GPU with 81,920 MiB, driver 580.1" in text
    assert "OpenVINO 2026.4.1" in text


@pytest.mark.parametrize(
    ("value", "rate", "latency"), [(0.123, "0.1", "0.12"), (99.9, "99.9", "99.90"), (4321, "4,321", "4,321")]
)
def test_numbers_have_digits_that_mean_something(value: float, rate: str, latency: str) -> None:
    """Three digits or a little more."""
    assert (per_second(value), milliseconds(value)) == (rate, latency)
