"""The page of a load report, in a real browser and as text."""

from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
import pytest
from playwright.async_api import Browser

from loadtest.load import headline, page
from loadtest.load.pictures.steps import counted, telling
from loadtest.load.report import LoadReport
from loadtest.openloop.histogram import encoded
from tests.browser import needs_chromium
from tests.loadtest.load import sample
from tests.loadtest.load.reports import report as made_of
from tests.loadtest.load.reports import step, without_slo

HOSTILE = "<script>alert('x')</script>"
SECTIONS = [
    "Latency over throughput", "Throughput", "Second by second", "Percentiles", "Where the time goes",
    "Refusals and errors", "All steps", "How it was measured",
]  # fmt: skip


@pytest.fixture(scope="module")
def full() -> LoadReport:
    """A ramp beyond the limit, whose last step the driver doubts, with hostile names where they come from outside."""
    found = sample.report((100, 2000, 4000, 4400, 4600, 5200, 6000), doubted=(6000,), what=f"triton {HOSTILE}")
    target = msgspec.structs.replace(found.target, url=f"http://{HOSTILE}")
    versions = {**found.facts.versions, HOSTILE: HOSTILE}
    facts = msgspec.structs.replace(found.facts, command=HOSTILE, versions=versions)
    steps = [msgspec.structs.replace(each, statuses={**each.statuses, HOSTILE: 1}) for each in found.steps]
    return msgspec.structs.replace(found, target=target, facts=facts, steps=steps, interrupted=True)


@pytest.fixture(scope="module")
def file(full: LoadReport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its page."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    page.save(full, path)
    return path


@needs_chromium
@pytest.mark.parametrize(
    ("width", "scheme", "ink"), [(390, "light", "rgb(91, 104, 118)"), (1280, "dark", "rgb(154, 167, 180)")]
)
async def test_browser_shows_all_and_asks_for_nothing(
    browser: Browser, file: Path, width: int, scheme: Literal["light", "dark"], ink: str
) -> None:
    """Every section is there, nothing sticks out, nothing is loaded, nothing is complained about or run."""
    context = await browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    shown = await context.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    shown.on("console", lambda message: complaints.append(message.text))
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    shown.on("dialog", lambda dialog: complaints.append(dialog.message))
    shown.on("request", lambda request: asked.append(request.url))
    await shown.goto(file.as_uri())
    headings = await shown.locator("h2").all_inner_texts()
    overflow = await shown.evaluate("document.documentElement.scrollWidth - innerWidth")
    pictures = await shown.locator("figure svg:visible").count()
    drawn_in = await shown.evaluate("getComputedStyle(document.querySelector('figure svg text')).fill")
    await context.close()
    assert headings == SECTIONS
    assert (complaints, [url for url in asked if not url.startswith(("file:", "data:"))]) == ([], [])
    assert overflow <= 0
    assert pictures == 5
    assert drawn_in == ink


def test_names_from_outside_stay_text(file: Path) -> None:
    """A model, an address, a status or a version that is called like markup is shown as it is."""
    made = file.read_text()
    assert "<script" not in made
    assert made.count("&lt;script&gt;") >= 5


def said(report: LoadReport) -> str:
    """What stands above all pictures."""
    return "\n".join(line for each in headline.callouts(report) for line in (each.text, *each.items))


def figures(report: LoadReport) -> dict[str, str]:
    """The figures to be read from afar, by name."""
    return {tile.name: tile.value for tiles in headline.tiles(report) for tile in tiles.tiles}


def test_headline_says_what_holds_and_what_does_not(full: LoadReport) -> None:
    """The limit, what the next rate misses, what is doubtful, and that the run was cut short."""
    made = said(full)
    assert "The highest rate that keeps p99<50ms, errors<1% and refused<1% is 4,400 requests/s." in made
    assert "4,600 requests/s: misses p99<50ms" in made
    assert "The driver was the limit at some rates" in made
    assert "6,000 requests/s: 1 % of the requests were sent 30 ms late or later" in made
    assert "The run was interrupted" in made
    assert figures(full)["highest rate"] == "4,400/s"


def test_one_rate_has_no_curves() -> None:
    """A page of a single step leaves out what needs several."""
    made = page.html(sample.report((2000,)))
    assert "2,000 requests/s keep p99&lt;50ms" in made
    assert not [heading for heading in SECTIONS[:2] if f"<h2>{heading}</h2>" in made]
    assert not [heading for heading in SECTIONS[2:] if f"<h2>{heading}</h2>" not in made]
    assert "Every request was answered." in made


def test_a_run_in_which_nothing_holds_says_so() -> None:
    """The lowest rate's figures tell why."""
    report = made_of([step(100, 80.0), step(200, 90.0)])
    assert "No rate that was tried keeps" in said(report)
    assert "100 requests/s: p99<50ms: 80.00 ms" in said(report)
    assert figures(report)["highest rate"] == "none holds"


def test_a_driver_that_is_too_slow_at_once_proves_nothing() -> None:
    """Then the service is not blamed."""
    made = said(made_of([step(100, 80.0, "the driver used 99% of a core")]))
    assert "No rate was shown to keep" in made
    assert "No rate that was tried keeps" not in made


def test_a_limit_of_the_driver_is_not_called_the_service_s() -> None:
    """What holds is told as the least that the service bears."""
    made = said(made_of([step(100, 10.0), step(150, 80.0, "the driver used 99% of a core")]))
    assert "At least 100 requests/s keep" in made
    assert "The highest rate" not in made


def test_a_run_without_objectives_is_not_judged() -> None:
    """It says what was answered."""
    report = without_slo(made_of([step(100, 20.0), step(200, 20.0)]))
    assert "No objective was given" in said(report)
    assert figures(report)["answered"] == "200/s"


def test_a_service_that_answers_nothing_has_a_page_all_the_same() -> None:
    """Without latencies there are no percentiles, and the statuses say what happened."""
    failed = msgspec.structs.replace(
        step(100, 80.0), answered_per_s=0.0, errors=1.0, statuses={"no reply": 1000}, stages=[],
        mean_ms=None, p50_ms=None, p90_ms=None, p95_ms=None, p99_ms=None, p999_ms=None, max_ms=None,
        histogram=encoded(np.array([])),
    )  # fmt: skip
    made = page.html(made_of([failed, msgspec.structs.replace(failed, rate=200.0)]))
    assert "<td>1,000</td>" in made
    assert "<h2>Percentiles</h2>" not in made


def test_a_rate_that_was_tried_again_counts_once() -> None:
    """The last attempt decided, in order of the rates."""
    shown = counted(made_of([step(200, 60.0), step(200, 20.0), step(100, 10.0)]))
    assert [(each.rate, each.p99_ms) for each in shown] == [(100, 10.0), (200, 20.0)]


def test_a_few_steps_stand_for_many() -> None:
    """Both ends are among them, and the best one."""
    run = made_of([step(rate, 10.0 if rate <= 300 else 60.0) for rate in range(100, 2100, 100)])
    chosen = [each.rate for each in telling(run, 6)]
    assert len(chosen) == 6
    assert {100, 300, 2000} <= set(chosen)
    assert chosen == sorted(chosen)
