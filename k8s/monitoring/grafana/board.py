"""A whole dashboard as Grafana's JSON."""

from typing import Any

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, DashboardLinkType

from k8s.monitoring.grafana.charts import chart
from k8s.monitoring.grafana.runbooks import runbook_path
from k8s.monitoring.grafana.spec import Board, Panel
from k8s.monitoring.grafana.variables import SOURCE, variables

TAG = "realtime-scoring"  # by which the dashboards find each other
_COLUMNS = 24  # of Grafana's grid
# Vertical lines where a gateway has just started; a new pod is a new series, whose age tells.
_STARTS = 'time() - min by (pod) (process_start_time_seconds{namespace="$namespace"}) < 60'


def as_json(board: Board) -> str:
    """Return the JSON of a dashboard, the same text for the same board."""
    built = (
        dashboard.Dashboard(board.title)
        .uid(board.uid)
        .description(board.about)
        .tags([TAG])
        .timezone("browser")
        .time("now-3h", "now")
        .refresh("30s")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .variables(variables(board.variables))
        .link(_others())
        .annotation(_starts())
    )
    for section in board.sections:
        built.with_row(dashboard.Row(section.title))
        for line in section.lines:
            for panel in line.panels:
                built.with_panel(_described(panel).height(line.height).span(_COLUMNS // len(line.panels)))
    return _text(built)


def _described(panel: Panel) -> Any:
    links = [_link(f"Runbook: {alert}", f"${{repository}}/{runbook_path(alert)}") for alert in panel.runbooks]
    return chart(panel).title(panel.title).description(panel.about).datasource(SOURCE).links(links)


def _link(title: str, url: str) -> dashboard.DashboardLink:
    return dashboard.DashboardLink(title).type(DashboardLinkType.LINK).url(url).target_blank(target_blank=True)


def _others() -> dashboard.DashboardLink:
    others = dashboard.DashboardLink("Scoring").type(DashboardLinkType.DASHBOARDS).tags([TAG])
    return others.include_vars(include_vars=True).keep_time(keep_time=True)


def _starts() -> dashboard.AnnotationQuery:
    asked = dashboard.AnnotationQuery().name("A gateway started").datasource(SOURCE).icon_color("purple")
    return asked.enable(enable=True).expr(_STARTS)


def _text(built: dashboard.Dashboard) -> str:
    whole = built.build()
    for number, panel in enumerate(whole.panels or [], start=1):
        panel.id_val = number
    return JSONEncoder(sort_keys=True, indent=2, ensure_ascii=False).encode(whole) + "\n"
