"""The files that a run leaves: data, a picture, a page."""

from pathlib import Path

from loadtest import whole_file
from loadtest.cost.page import html
from loadtest.cost.plots import draw
from loadtest.cost.report import CostReport
from loadtest.errors import LoadTestError
from loadtest.report import store

PAGE, PICTURE = "latest.html", "latest.png"


def save(report: CostReport, folder: Path) -> list[Path]:
    """Write the report's JSON, its page and its picture, and return the files. Raises LoadTestError."""
    data, page, picture = store(report, folder), folder / PAGE, folder / PICTURE
    try:
        whole_file.write(html(report), page)
        draw(report, picture)
    except OSError as error:
        raise LoadTestError(f"{folder} cannot be written: {error.strerror}", "choose another: --output DIR") from None
    return [page, data, picture]
