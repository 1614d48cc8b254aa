"""The dashboards as Grafana gets them: complete, tidy, and current."""

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from k8s.monitoring.grafana.generated import BOARDS, GENERATED
from k8s.monitoring.grafana.runbooks import runbook_path
from k8s.monitoring.grafana.scalers import triggers
from k8s.monitoring.grafana.spec import Board, Panel, Table
from tests.promql import read

ROOT = Path(__file__).parents[3]
DOCUMENTS = {path: json.loads(write()) for path, write in GENERATED.items()}
PANELS = [panel for board in BOARDS for panel in board.panels()]
_COLUMNS = 24
_OURS = {"datasource", "namespace", "repository", "__rate_interval"}  # besides those that a board names


def _name(thing: Any) -> str:
    return str(getattr(thing, "uid", None) or getattr(thing, "title", None) or thing)


def _drawn(document: Any) -> list[Any]:
    return [panel for panel in document["panels"] if panel["type"] != "row"]


@pytest.mark.parametrize("path", GENERATED)
def test_the_committed_file_is_current(path: str) -> None:
    """`scoring render` writes nothing else, however often it is run."""
    assert (ROOT / "k8s" / path).read_text() == GENERATED[path]() == GENERATED[path]()


@pytest.mark.parametrize("path", GENERATED)
def test_panels_fill_the_grid(path: str) -> None:
    """Without gaps and overlaps: each cell of 24 columns belongs to one panel, down to the last row."""
    cells = [
        (column, row)
        for place in (panel["gridPos"] for panel in DOCUMENTS[path]["panels"])
        for column in range(place["x"], place["x"] + place["w"])
        for row in range(place["y"], place["y"] + place["h"])
    ]
    height = max(row for _, row in cells) + 1
    assert sorted(cells) == [(column, row) for column in range(_COLUMNS) for row in range(height)]


@pytest.mark.parametrize("path", GENERATED)
def test_panels_come_in_the_order_of_reading(path: str) -> None:
    """And their numbers, by which links name them, are their own."""
    panels = DOCUMENTS[path]["panels"]
    places = [(panel["gridPos"]["y"], panel["gridPos"]["x"]) for panel in panels]
    assert all(first < second for first, second in pairwise(places))
    assert [panel["id"] for panel in panels] == list(range(1, len(panels) + 1))


def test_addresses_never_change() -> None:
    """Bookmarks and links of others name them."""
    assert {board.uid for board in BOARDS} == {
        "scoring-service",
        "scoring-models",
        "scoring-capacity",
        "scoring-rollout",
    }
    assert all(DOCUMENTS[path]["uid"] in path for path in GENERATED)


@pytest.mark.parametrize("panel", PANELS, ids=_name)
def test_a_panel_says_what_it_shows_and_what_to_do(panel: Panel) -> None:
    """In a sentence or more, in what unit, with series that can be told apart."""
    assert len(panel.about) > 30
    assert panel.about.endswith(".")
    labels = [query.legend for query in panel.queries]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("panel", PANELS, ids=_name)
def test_legends_name_labels_that_the_query_leaves(panel: Panel) -> None:
    """A label that was added up away would show as nothing."""
    for query in panel.queries:
        named = set(re.findall(r"{{(\w+)}}", query.legend))
        if isinstance(panel, Table):
            named = set(panel.columns) - {"Value"}
        kept = read(query.expr).grouped
        assert named <= kept or not kept, query


@pytest.mark.parametrize("board", BOARDS, ids=_name)
def test_variables_are_used_and_known(board: Board) -> None:
    """No choice at the top is without effect, and no query asks for a choice that is not offered."""
    used = {name for panel in board.panels() for query in panel.queries for name in re.findall(r"\$(\w+)", query.expr)}
    assert set(board.variables) == used - _OURS


def test_titles_are_told_apart() -> None:
    """Within a dashboard; so is each section."""
    for board in BOARDS:
        titles = [panel.title for panel in board.panels()] + [section.title for section in board.sections]
        assert len(set(titles)) == len(titles), board.uid


def test_runbooks_are_there() -> None:
    """Each one that a panel links."""
    linked = {alert for panel in PANELS for alert in panel.runbooks}
    assert {alert for alert in linked if not (ROOT / runbook_path(alert)).exists()} == set()


def test_what_kubernetes_loads_is_what_is_generated() -> None:
    """The ConfigMaps for a Grafana in the cluster hold every dashboard."""
    kustomization = (ROOT / "k8s/monitoring/dashboards/kustomization.yaml").read_text()
    assert set(re.findall(r"files: \[(.+)\]", kustomization)) == {Path(path).name for path in GENERATED}


def test_autoscalers_queries_are_shown_as_they_are() -> None:
    """Each trigger of each pool, the one of the variant from zero among them."""
    shown = " ".join(query.expr for panel in PANELS for query in panel.queries)
    named = [trigger for pool in ("gateway", "triton-cpu", "triton-gpu") for trigger in triggers(pool)]
    assert len(named) > 5
    assert all(f"({trigger.query}) / {trigger.threshold}" in shown for trigger in named)


def test_links_to_runbooks_and_to_each_other_survive() -> None:
    """As Grafana reads them."""
    for document in DOCUMENTS.values():
        assert document["links"][0]["tags"] == document["tags"]
        links = [link["url"] for panel in _drawn(document) for link in panel.get("links", ())]
        assert all(link.startswith("${repository}/k8s/monitoring/runbooks/") for link in links)
