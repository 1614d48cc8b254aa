"""What the plot of the image benchmark shows."""

from loadtest.figures import Kind
from loadtest.images.plan import LIST, MANY
from loadtest.plot import Bar, Panel, Panels
from loadtest.report import Measured, Report, fastest

_SERVED = (Kind.TRITON, Kind.HTTP, Kind.GRPC, Kind.PEER)


def panels(report: Report) -> Panels:
    """Return single images under load, lists, single images alone, and the FAQ beside images."""
    many = [each for kind in _SERVED for each in report.of_kind(kind, MANY, batch=1)]
    lists = [each for kind in _SERVED for each in report.of_kind(kind, batch=LIST)]
    alone = [each for kind in _SERVED for each in report.of_kind(kind, 1, batch=1)]
    return Panels(
        left=[
            Panel(f"One image per request, {MANY} at a time: images per second", [*_limits(report), *_bars(many)]),
            Panel(f"{LIST} images per request, 2 at a time: images per second", _bars(lists)),
        ],
        right=[
            Panel("One image at a time: milliseconds", _bars(alone), latency=True),
            Panel("FAQ beside images: milliseconds", _beside(report), latency=True),
        ],
    )


def _limits(report: Report) -> list[Bar]:
    """Return each engine's best batch in process."""
    engines = dict.fromkeys(each.engine for each in report.of_kind(Kind.IN_PROCESS))
    best = [fastest([each for each in report.of_kind(Kind.IN_PROCESS) if each.engine == engine]) for engine in engines]
    return [Bar(f"{each.group},\n{each.setting}", each) for each in best if each is not None]


def _bars(figures: list[Measured]) -> list[Bar]:
    return [Bar(each.group.replace(" (", "\n(").replace(" + P", "\n+ P"), each) for each in figures]


def _beside(report: Report) -> list[Bar]:
    return [Bar(each.figure.setting.replace(", ", ",\n"), each.figure) for each in report.beside]
