"""Each kind of panel as Grafana's JSON has it."""

from collections.abc import Callable, Sequence
from functools import singledispatch
from typing import Any

from grafana_foundation_sdk.builders import common, heatmap, stat, table, timeseries
from grafana_foundation_sdk.builders.dashboard import FieldColor, ThresholdsConfig
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    StackingMode,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DataTransformerConfig,
    DynamicConfigValue,
    FieldColorModeId,
    Threshold,
    ThresholdsMode,
)
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from k8s.monitoring.grafana import colours
from k8s.monitoring.grafana.spec import Heat, Limits, Lines, Number, Panel, Query, Table
from k8s.monitoring.grafana.variables import SOURCE

_REFS = "ABCDEFGHIJ"  # names of the queries of a panel


@singledispatch
def chart(panel: Panel) -> Any:
    """Return the builder of a panel's kind, without title and place."""
    raise TypeError(f"no chart draws {type(panel).__name__}")


@chart.register
def _lines(panel: Lines) -> Any:
    built = (
        timeseries.Panel()
        .unit(panel.unit)
        .min(0)
        .line_width(1)
        .fill_opacity(60 if panel.stacked else 8)
        .show_points(VisibilityMode.NEVER)
        .legend(_legend())
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))
    )
    if panel.stacked:
        built.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    if panel.most is not None:
        built.max(panel.most)
    if panel.limits:
        built.thresholds(_thresholds(panel.limits))
        built.thresholds_style(common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED))
    for name, colour in panel.colours.items():
        fixed = {"mode": "fixed", "fixedColor": colour}
        built.override_by_regexp(rf"/^{name}\b/", [DynamicConfigValue("color", fixed)])
    return _asking(built, panel.queries)


@chart.register
def _number(panel: Number) -> Any:
    built = (
        stat.Panel()
        .unit(panel.unit)
        .no_value(panel.none)
        .color_mode(BigValueColorMode.BACKGROUND_SOLID if panel.limits else BigValueColorMode.VALUE)
        .graph_mode(BigValueGraphMode.AREA)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .thresholds(_thresholds(panel.limits) if panel.limits else _plain())
    )
    if panel.decimals is not None:
        built.decimals(panel.decimals)
    return _asking(built, panel.queries)


@chart.register
def _heat(panel: Heat) -> Any:
    built = (
        heatmap.Panel()
        .calculate(calculate=False)
        .color(heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Oranges").steps(64))
        .y_axis(heatmap.YAxisConfig().unit(panel.unit))
        .exemplars_color(colours.EXEMPLARS)
        .show_legend()
    )
    return _asking(built, panel.queries, lambda query: query.format(PromQueryFormat.HEATMAP))


@chart.register
def _table(panel: Table) -> Any:
    order = {label: place for place, label in enumerate(panel.columns)}
    built = (
        table.Panel()
        .unit(panel.unit)
        .with_transformation(DataTransformerConfig("merge", options={}))
        .with_transformation(DataTransformerConfig("filterFieldsByName", options={"include": {"names": list(order)}}))
        .with_transformation(
            DataTransformerConfig("organize", options={"indexByName": order, "renameByName": dict(panel.columns)})
        )
    )
    if panel.limits:
        built.thresholds(_thresholds(panel.limits))
        coloured = [DynamicConfigValue("custom.cellOptions", {"type": "color-text"})]
        built.override_by_name(panel.columns["Value"], coloured)
    return _asking(built, panel.queries, lambda query: query.format(PromQueryFormat.TABLE).instant())


def _asking(built: Any, queries: Sequence[Query], more: Callable[[Dataquery], Any] = lambda query: query) -> Any:
    for ref, query in zip(_REFS, queries, strict=False):
        asked = Dataquery().ref_id(ref).expr(query.expr).legend_format(query.legend or "__auto").datasource(SOURCE)
        if query.exemplars:
            asked.exemplar(exemplar=True)
        if query.instant:
            asked.instant()
        more(asked)
        built.with_target(asked)
    return built


def _legend() -> common.VizLegendOptions:
    shown = common.VizLegendOptions().display_mode(LegendDisplayMode.TABLE).placement(LegendPlacement.BOTTOM)
    return shown.calcs(["lastNotNull", "max"]).show_legend(show_legend=True)


def _plain() -> ThresholdsConfig:
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps([Threshold(value=None, color="blue")])


def _thresholds(limits: Limits) -> ThresholdsConfig:
    steps = [(None, colours.GOOD), (limits.doubtful, colours.DOUBTFUL), (limits.bad, colours.BAD)]
    if limits.low:
        steps = [(None, colours.BAD), (limits.bad, colours.DOUBTFUL), (limits.doubtful, colours.GOOD)]
    if limits.bad == limits.doubtful:
        steps.pop(1)
    return (
        ThresholdsConfig()
        .mode(ThresholdsMode.ABSOLUTE)
        .steps([Threshold(value=value, color=colour) for value, colour in steps])
    )
