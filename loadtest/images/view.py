"""What the plot shows of the image benchmark."""

from loadtest.figures import Kind
from loadtest.images.plan import BATCH, MANY
from loadtest.plot import Bar, Panel
from loadtest.report import Beside, Measured, Section, fastest

_SERVED = (Kind.TRITON, Kind.HTTP, Kind.GRPC, Kind.PEER, Kind.DESIGN_2019)


def throughputs(section: Section) -> list[Panel]:
    """Return single images under load, beside each engine's best batch in process, and lists."""
    many = [each for kind in _SERVED for each in section.of_kind(kind, MANY, batch=1)]
    lists = [each for kind in _SERVED for each in section.of_kind(kind, batch=BATCH)]
    return [
        Panel(f"One image per request, {MANY} at a time: images per second", [*_limits(section), *_bars(many)]),
        Panel(f"{BATCH} images per request, 2 at a time: images per second", _bars(lists)),
    ]


def latencies(section: Section) -> list[Panel]:
    """Return single images, one at a time."""
    alone = [each for kind in _SERVED for each in section.of_kind(kind, 1, batch=1)]
    return [Panel("One image at a time: milliseconds", _bars(alone), latency=True)]


def faq_beside(rows: list[Beside]) -> Panel:
    """Return the FAQ alone and beside images."""
    bars = [Bar(each.figure.setting.replace(", ", ",\n"), each.figure) for each in rows]
    return Panel("One question at a time, beside images: ms", bars, latency=True)


def _limits(section: Section) -> list[Bar]:
    engines = dict.fromkeys(each.engine for each in section.of_kind(Kind.IN_PROCESS))
    best = [fastest([each for each in section.of_kind(Kind.IN_PROCESS) if each.engine == name]) for name in engines]
    return [Bar(f"{each.group},\n{each.setting}", each) for each in best if each is not None]


def _bars(figures: list[Measured]) -> list[Bar]:
    return [Bar(each.group.replace(" (", "\n("), each) for each in figures]
