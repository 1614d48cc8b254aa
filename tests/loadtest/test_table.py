"""The tables, for the terminal and in Markdown."""

import re

import msgspec
import pytest
from rich.console import Console

from loadtest.environment import Gpu
from loadtest.figures import Kind
from loadtest.report import Report
from loadtest.table import agreement, beside, figures, grids, markdown, memory, notes, terminal
from loadtest.wording import milliseconds, per_second
from tests.loadtest.sample_report import image_section, sample_report


def test_rows_hold_rates_latencies_and_ratios(report: Report) -> None:
    """A model is a heading, a group is named in its first row; numbers are rounded for reading."""
    grid = figures(report)
    assert grid.head == ("service", "load", "per second", "p50 ms", "p99 ms", "of limit", "x FastAPI", "x 2019")
    assert grid.sections[0] == [("FAQ matching (questions)",)]
    http = grid.sections[3]
    assert http[0][0] == "Gateway, HTTP"
    assert http[1] == ("", "64 connections", "6,000", "0.80", "9.00", "12.0%", "3.00", "40.00")


def test_part_of_the_work_is_compared_with_nothing(report: Report) -> None:
    """Decoded images have a rate and no ratio."""
    decoding = next(section[0] for section in figures(report).sections if section[0][0] == "Decoding alone")
    assert decoding == ("Decoding alone", "one core", "380", "0.80", "9.00", "", "", "")


def test_without_peers_engines_are_compared_with_the_baseline(report: Report) -> None:
    """A column without a value is left out."""
    section = image_section()
    alone = [each for each in section.figures if each.kind not in {Kind.PEER, Kind.DESIGN_2019}]
    sections = [msgspec.structs.replace(section, figures=alone)]
    assert figures(msgspec.structs.replace(report, sections=sections)).head[6:] == ("x ONNX Runtime FP32",)


def test_latency_beside_images_is_held_against_its_own_alone(report: Report) -> None:
    """Each setting of the engine has its own row without images."""
    assert [[row[-2:] for row in section] for section in beside(report).sections] == [
        [("1.00", ""), ("4.50", "70.0")],
        [("1.00", ""), ("1.50", "70.0")],
    ]


def test_agreement_is_shown_with_what_is_known() -> None:
    """Probabilities are compared between engines only."""
    rows = agreement(image_section()).sections[0]
    assert rows == [("OpenVINO bf16", "100%", "4.2e-03"), ("OpenVINO INT8", "94%", "")]


def test_memory_is_summed_without_counting_shared_pages_twice(report: Report) -> None:
    """The sum is of the proportional sizes."""
    assert memory(report).sections[-1] == [("sum", "", "1,030")]


def test_markdown_holds_all_figures(report: Report) -> None:
    """Every line of a table has as many cells as its head, and every model and figure has a line."""
    tables = [part.splitlines() for part in markdown(report).split("\n\n") if part.startswith("|")]
    assert len(tables) == len(grids(report))
    assert len(tables[0]) == 2 + sum(1 + len(section.figures) for section in report.sections)
    assert "| **FAQ matching (questions)** |  |  |  |  |  |  |  |" in tables[0]
    for lines in tables:
        assert len({line.count("|") for line in lines}) == 1
        assert re.fullmatch(r"(\|-+:?)+\|", lines[1])


def test_terminal_of_120_columns_shows_everything(report: Report) -> None:
    """No line is wrapped: each service, load and rate is in one."""
    console = Console(width=120)
    with console.capture() as capture:
        console.print(terminal(figures(report)))
    lines = capture.get().splitlines()
    for figure in (each for section in report.sections for each in section.figures):
        rate = per_second(figure.items_per_s)
        assert any(figure.setting in line and f" {rate} " in line for line in lines)
        assert any(figure.group in line for line in lines)
    assert any("Image classification (images)" in line for line in lines)


def test_notes_say_where_figures_come_from(report: Report) -> None:
    """Machine, rounds, versions, date, revision and what each model was asked; a busy machine is confessed."""
    text = notes(report)
    assert "2 cores (Example CPU, amx_bf16 amx_int8, 16 GiB)" in text
    assert "medians of 3 interleaved rounds of 3 s" in text
    assert "OpenVINO 2026.4.1; 2026-11-24, revision 0123456." in text
    assert "FAQ matching: 96 entries; 1,152 different questions, 3 matches each. Its limit: 2 sessions" in text
    assert "busy" not in text
    assert "busy before the run (load 2.5)" in notes(sample_report(load_average=2.5))
    disturbed = msgspec.structs.replace(report, disturbance=0.37)
    assert "others kept 37% of the machine busy: measure again" in notes(disturbed)


def test_notes_name_gpus(report: Report) -> None:
    """With memory and driver."""
    gpus = (Gpu("Example GPU", "580.1", 81_920),)
    hardware = msgspec.structs.replace(report.facts.hardware, gpus=gpus)
    facts = msgspec.structs.replace(report.facts, hardware=hardware)
    assert "Example GPU with 81,920 MiB, driver 580.1" in notes(msgspec.structs.replace(report, facts=facts))


@pytest.mark.parametrize(
    ("value", "rate", "latency"), [(0.123, "0.1", "0.12"), (99.9, "99.9", "99.90"), (4321, "4,321", "4,321")]
)
def test_numbers_have_digits_that_mean_something(value: float, rate: str, latency: str) -> None:
    """Three digits or a little more."""
    assert (per_second(value), milliseconds(value)) == (rate, latency)
