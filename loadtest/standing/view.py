"""How to read the standing benchmark's report: its goals, and what its plot shows."""

from loadtest.faq import benchmark as faq
from loadtest.goals import Goal
from loadtest.images import benchmark as images
from loadtest.images import goals, view
from loadtest.plot import Panels
from loadtest.report import Report


def judge(report: Report) -> list[Goal]:
    """Return the goals with what the run gave."""
    questions, pictures = report.section(faq.NAME), report.section(images.NAME)
    return [*(faq.judge(questions) if questions else []), *(goals.judge(report, pictures) if pictures else [])]


def panels(report: Report) -> list[Panels]:
    """Return throughputs on the left, latencies on the right."""
    rows = []
    for name, model in ((faq.NAME, faq), (images.NAME, view)):
        section = report.section(name)
        if section is not None:
            title = f"{section.title}: {section.details}"
            rows.append(Panels(title, model.throughputs(section), model.latencies(section)))
    if report.beside:
        rows[-1].right.append(view.faq_beside(report.beside))
    return rows
