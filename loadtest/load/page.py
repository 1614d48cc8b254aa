"""A load report as an HTML page."""

from pathlib import Path

from loadtest.load.report import LoadReport
from loadtest.page.layout import page


def save(report: LoadReport, path: Path) -> None:
    """Write a self-contained HTML page. Raises OSError."""
    path.write_text(html(report), encoding="utf-8")


def html(report: LoadReport) -> str:
    """Return the page."""
    return page(f"Load on {report.target.what}", report.target.url, [])
