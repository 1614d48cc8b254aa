"""The command `scoring load`."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from loadtest import table
from loadtest.console import failures_reported, progress_shown, stdout
from loadtest.environment import cores
from loadtest.faq.questions import SAMPLE_FILES, read_questions
from loadtest.load import compare as comparing
from loadtest.load import compare_page, compare_view, inputs, plan, triton, view
from loadtest.load.conclusion import conclude
from loadtest.load.grpc_service import GrpcService
from loadtest.load.http_service import HttpService
from loadtest.load.interrupts import Interrupts
from loadtest.load.keeping import kept
from loadtest.load.key import read_key
from loadtest.load.plan import Arrivals
from loadtest.load.report import LoadReport, Target
from loadtest.load.run import Watchers, run
from loadtest.load.service import Service
from loadtest.meter import Span
from loadtest.report import read

NAME = "scoring load"
EXAMPLES = """\b
scoring load faq --rate 500 --slo "p99<50ms,errors<0.1%"      does this rate hold?
scoring load faq --ramp 100:5000 --slo "p99<50ms"             which is the highest that does?
scoring load images --grpc 127.0.0.1:8081 --rate 5 --rate 10  what do these rates take?
scoring load triton faq_matcher --rate 1000                   without the gateway
scoring load compare before.json after.json                   did it get faster?

Exit code: 0 the SLO is met, or a rate was found; 1 it is not met; 2 nothing could be measured; 130 interrupted.
"""

app = typer.Typer(
    help="Load a running service with requests that arrive when they arrive, whether or not it keeps up (open loop), "
    "and report what it takes: latencies from the time at which each request was due, refusals, stages.",
    epilog=EXAMPLES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

_Url = Annotated[str, typer.Option(metavar="URL", help="Address of the gateway, http:// or https://.")]
_Grpc = Annotated[str, typer.Option(metavar="HOST:PORT", help="Ask over gRPC instead; https:// before it for TLS.")]
_Rate = Annotated[list[float], typer.Option(metavar="N", help="Requests per second; repeatable: one step for each.")]
_Ramp = Annotated[
    str, typer.Option(metavar="LOW:HIGH", help="Look between these rates for the highest one that meets the SLO.")
]
_Slo = Annotated[
    str,
    typer.Option(
        metavar="BOUNDS",
        help='What each rate has to keep, such as "p99<50ms,errors<0.1%". Metrics: p50 p90 p95 p99 p99.9 max mean, '
        "errors, refused, rate. Without a word on them, at most 1 % may fail, and be refused as many as may fail.",
    ),
]
_Seconds = Annotated[float, typer.Option(metavar="S", min=1, help="How long each rate is held and measured.")]
_WarmUp = Annotated[
    float, typer.Option(metavar="S", min=0, help="Seconds at each rate, before that, that do not count.")
]
_Arriving = Annotated[
    Arrivals, typer.Option("--arrivals", help="At random, as independent users make them, or at equal distances.")
]
_Processes = Annotated[
    int,
    typer.Option(
        metavar="N", min=1, max=64, help="Processes that send; by default one for each two cores, four at most."
    ),
]
_KeyFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="File with the API key, where one is needed; or set SCORING_API_KEY to the key."),
]
_Output = Annotated[Path, typer.Option(metavar="DIR", help="Folder for reports; each target has its own below it.")]
_ListSize = Annotated[int, typer.Option(metavar="N", min=1, help="Questions or pictures in a request.")]
_Questions = Annotated[
    list[Path],
    typer.Option(
        metavar="FILE",
        show_default="the sample's",
        help="Tab-separated file with questions in a column Text0; repeatable.",
    ),
]
_Images = Annotated[
    Path | None,
    typer.Option("--images", metavar="FOLDER", help="Folder with pictures; without it, varied JPEG files of 500x375."),
]
_URL, _TRITON = "http://127.0.0.1:8080", "127.0.0.1:8001"
_QUESTIONS, _OUTPUT = list(SAMPLE_FILES), Path("results/load")
_SECONDS, _WARM_UP, _PROCESSES = 10.0, 2.0, max(1, min(4, cores() // 2))


class _Typed(NamedTuple):
    """The options that all targets have."""

    rates: list[float]
    ramp: str
    slo: str
    span: Span
    arrivals: Arrivals
    processes: int
    output: Path


@app.command()
def faq(
    url: _Url = _URL,
    grpc: _Grpc = "",
    rate: _Rate = [],  # noqa: B006  typer takes it so
    ramp: _Ramp = "",
    slo: _Slo = "",
    seconds: _Seconds = _SECONDS,
    warm_up: _WarmUp = _WARM_UP,
    arrivals: _Arriving = "poisson",
    processes: _Processes = _PROCESSES,
    list_size: _ListSize = 1,
    questions: _Questions = _QUESTIONS,
    key_file: _KeyFile = None,
    output: _Output = _OUTPUT,
) -> None:
    """Load FAQ matching with the sample's questions, or others."""

    def service() -> Service:
        texts, key = read_questions(questions), read_key(key_file)
        if grpc:
            return GrpcService(grpc, key, inputs.questions_over_grpc(texts, list_size))
        return HttpService(url, key, inputs.questions_over_http(texts, list_size))

    _load(service, _Typed(rate, ramp, slo, Span(warm_up, seconds), arrivals, processes, output))


@app.command()
def images(
    url: _Url = _URL,
    grpc: _Grpc = "",
    rate: _Rate = [],  # noqa: B006
    ramp: _Ramp = "",
    slo: _Slo = "",
    seconds: _Seconds = _SECONDS,
    warm_up: _WarmUp = _WARM_UP,
    arrivals: _Arriving = "poisson",
    processes: _Processes = _PROCESSES,
    list_size: _ListSize = 1,
    pictures: _Images = None,
    key_file: _KeyFile = None,
    output: _Output = _OUTPUT,
) -> None:
    """Load image classification with varied pictures."""

    def service() -> Service:
        files, key = inputs.read_pictures(pictures), read_key(key_file)
        if grpc:
            return GrpcService(grpc, key, inputs.pictures_over_grpc(files, list_size))
        return HttpService(url, key, inputs.pictures_over_http(files, list_size))

    _load(service, _Typed(rate, ramp, slo, Span(warm_up, seconds), arrivals, processes, output))


@app.command("triton")
def triton_command(
    model: Annotated[str, typer.Argument(help="A model that takes questions or images, such as faq_matcher.")],
    address: Annotated[str, typer.Option("--triton", metavar="HOST:PORT", help="Triton's gRPC address.")] = _TRITON,
    rate: _Rate = [],  # noqa: B006
    ramp: _Ramp = "",
    slo: _Slo = "",
    seconds: _Seconds = _SECONDS,
    warm_up: _WarmUp = _WARM_UP,
    arrivals: _Arriving = "poisson",
    processes: _Processes = _PROCESSES,
    list_size: _ListSize = 1,
    questions: _Questions = _QUESTIONS,
    pictures: _Images = None,
    output: _Output = _OUTPUT,
) -> None:
    """Load a model of Triton itself, over gRPC: what is left without the gateway."""

    def service() -> Service:
        described = triton.describe(address, model)
        made = triton.messages(
            described, partial(read_questions, questions), partial(inputs.read_pictures, pictures), list_size
        )
        return GrpcService(address, "", made)

    _load(service, _Typed(rate, ramp, slo, Span(warm_up, seconds), arrivals, processes, output))


@app.command()
def compare(
    before: Annotated[Path, typer.Argument(metavar="BEFORE.json", help="Report of a run.")],
    after: Annotated[Path, typer.Argument(metavar="AFTER.json", help="Report of a later one.")],
    fail_above: Annotated[
        float | None,
        typer.Option(
            metavar="PERCENT", min=0, help="Exit code 1 when something is worse by more than that, and than noise."
        ),
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw both in an HTML page, too.")] = None,
) -> None:
    """Show two runs side by side, and whether they differ by more than noise."""
    with failures_reported(NAME):
        first, second = (read(path, LoadReport, "load a service first: scoring load") for path in (before, after))
        comparing.check_comparable(first, second)
        if html is not None:
            compare_page.save(first, second, html)
    notes = compare_view.NOTES if comparing.pairs(first, second) else ""
    for place, grid in enumerate(compare_view.grids(first, second)):
        stdout().print(table.terminal(grid, notes if place == 0 else ""))
    for sentence in compare_view.sentences(first, second):
        typer.echo(sentence)
    if fail_above is not None and (found := comparing.worse(first, second, fail_above / 100)):
        typer.echo(f"Worse by more than {fail_above:g} %: {'; '.join(found)}.")
        raise typer.Exit(1)


def _load(make: Callable[[], Service], typed: _Typed) -> None:
    with failures_reported(NAME):
        planned = plan.plan(typed.rates, typed.ramp, typed.slo, typed.span, typed.arrivals, typed.processes)
        service = make()
        with Interrupts() as interrupts, kept(typed.output / _folder(service.target)) as keeper:
            with progress_shown() as on_step:
                watchers = Watchers(on_step, _show_last, keeper.keep)
                report = run(service, planned, watchers, interrupts)
            conclusion = conclude(report, planned)
            if report.steps:
                stdout().print(table.terminal(view.grid(report), view.notes(report)))
            for sentence in conclusion.sentences:
                typer.echo(sentence)
    raise typer.Exit(conclusion.code)


def _folder(target: Target) -> str:
    return f"{target.what.replace(' ', '-')}-{target.protocol}"


def _show_last(report: LoadReport) -> None:
    if len(report.steps) == 1:
        typer.echo(view.head(), err=True)
    typer.echo(view.line(report.steps[-1]), err=True)
