"""docs/monitoring.md agrees with what there is."""

import re
from pathlib import Path

from k8s.monitoring.grafana.generated import BOARDS
from k8s.monitoring.rule_files import alerts

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs/monitoring.md").read_text()


def test_every_alert_is_listed_with_its_runbook() -> None:
    """By name, in the column of its severity."""
    rows = [line.split("|") for line in DOCUMENT.splitlines() if line.startswith("| [")]
    for rule in alerts():
        link = f"[{rule['alert']}](../{rule['annotations']['runbook_url']})"
        column = {"page": 2, "ticket": 3}[rule["labels"]["severity"]]
        assert any(len(row) > column and link in row[column] for row in rows), rule["alert"]


def test_every_query_is_listed_with_its_question() -> None:
    """As the query's own first line asks it."""
    for path in (ROOT / "k8s/monitoring/queries").glob("*.kql"):
        question = path.read_text().removeprefix("// ").partition("?")[0] + "?"
        assert f"| [{path.stem}](../k8s/monitoring/queries/{path.name}) | {question} |" in DOCUMENT


def test_every_dashboard_is_described() -> None:
    """By its title."""
    for board in BOARDS:
        assert f"| **{board.title.removeprefix('Scoring: ')}** |" in DOCUMENT


def test_links_lead_somewhere() -> None:
    """To files, and to headings of this document."""
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", DOCUMENT):
        path, _, heading = link.partition("#")
        assert not path or (ROOT / "docs" / path).exists(), link
        assert path or f"\n## {heading.capitalize()}\n" in DOCUMENT, link
