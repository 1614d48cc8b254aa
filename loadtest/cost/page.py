"""The report as a page."""

from dataclasses import replace

from loadtest.cost.notes import notes
from loadtest.cost.plots import picture
from loadtest.cost.prices import Size
from loadtest.cost.report import CostReport, ModelCost
from loadtest.cost.view import advice, grid, title, verdict
from loadtest.page.layout import Callout, Code, Details, Pairs, Part, Section, page


def html(report: CostReport) -> str:
    """Return a whole HTML document."""
    sizes = [line.size for line in report.models[0].lines]
    sections = [
        *(_model(report, model) for model in report.models),
        Section("What is measured, what is assumed", notes(report)),
        Section("Prices", [_prices(report, sizes), Details("Command", [Code(report.command)])]),
    ]
    lead = (
        f"{report.currency} for a million predictions, and the pool for a load: from measured throughputs and a price "
        f"file. Computed {report.created[:10]}."
    )
    return page("What predictions cost", lead, sections)


def _model(report: CostReport, model: ModelCost) -> Section:
    found, *others = [*advice(report, model), *verdict(report, model)] or ["No size with GPUs has a price."]
    table = replace(grid(report, model), title="")  # the section has it
    parts: list[Part] = [Callout("plain", found, others), picture(report, model), table]
    return Section(title(model), parts)


def _prices(report: CostReport, sizes: list[Size]) -> Pairs:
    return Pairs([(size.name, _price(report, size)) for size in sizes])


def _price(report: CostReport, size: Size) -> str:
    note = f" ({size.note})" if size.note else ""
    return f"{size.hourly:g} {report.currency} an hour, {size.region}, {size.date}{note}. {size.source}."
