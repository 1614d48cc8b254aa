"""The table, for the terminal and in Markdown."""

import re

from rich.console import Console

from loadtest.report import Report
from loadtest.table import goals, markdown, notes, rows, terminal
from tests.loadtest.sample_report import sample_report


def test_rows_hold_rates_latencies_and_ratios(report: Report) -> None:
    """A group is named in its first row; numbers are rounded for reading."""
    http = rows(report)[2]
    assert http[0].group == "Gateway, HTTP"
    assert http[1] == ("", "64 connections", "6,000", "0.80", "9.00", "12.0%", "3.00")


def test_markdown_is_one_table_of_all_figures(report: Report) -> None:
    """Every line has as many cells as the head, and every figure has a line."""
    lines = [line for line in markdown(report).splitlines() if line.startswith("|")]
    assert len(lines) == 2 + len(report.figures)
    assert {line.count("|") for line in lines} == {8}
    assert re.fullmatch(r"(\|-+:?)+\|", lines[1])


def test_terminal_table_is_rendered(report: Report) -> None:
    """A narrow terminal still shows every rate."""
    console = Console(width=80, record=True, file=None, quiet=False)
    with console.capture() as capture:
        console.print(terminal(report))
    assert all(f"{figure.questions_per_s:,.0f}" in capture.get() for figure in report.figures)


def test_notes_say_where_figures_come_from(report: Report) -> None:
    """Machine, rounds, versions, date and revision; a busy machine is confessed."""
    text = notes(report)
    assert "2 cores (Example CPU, 16 GiB)" in text
    assert "medians of 3 interleaved rounds of 3 s" in text
    assert "2026-11-23, revision 0123456." in text
    assert "busy" not in text
    assert "busy before the run (load 2.5)" in notes(sample_report(load_average=2.5))


def test_goals_are_judged() -> None:
    """Each goal says whether it was met, on both sides of its limit."""
    assert [line.split(":")[0] for line in goals(sample_report(peer=2399, p99=4.99))] == ["met", "met"]
    assert [line.split(":")[0] for line in goals(sample_report(peer=2401, p99=5.0))] == ["MISSED", "MISSED"]
