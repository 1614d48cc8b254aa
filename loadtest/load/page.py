"""A load report as an HTML page."""

from pathlib import Path

from loadtest import whole_file
from loadtest.load import headline, sections
from loadtest.load.report import LoadReport
from loadtest.page.layout import Part, Section, page


def save(report: LoadReport, path: Path) -> None:
    """Write a self-contained HTML page of a run with one step at least. Raises LoadTestError."""
    whole_file.write(html(report), path)


def html(report: LoadReport) -> str:
    """Return the page; what a run was too short to show is left out."""
    target = report.target
    batch = "" if target.batch == 1 else f", {target.batch} in a request"
    lead = f"{target.url}, {target.protocol}{batch}; {report.facts.created[:16].replace('T', ' ')}"
    parts: list[Part] = [*headline.callouts(report), *headline.tiles(report)]
    made = (
        sections.over_rate, sections.answered, sections.each_second, sections.percentiles, sections.time_spent,
        sections.statuses, sections.steps, sections.facts,
    )  # fmt: skip
    found = (section(report) for section in made)
    return page(f"Load on {target.what}", lead, [Section("", parts), *(each for each in found if each is not None)])
