"""The command `scoring serve`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from standalone import banner, config_choice, cores, engines, models, repository
from standalone.config_choice import Choice
from standalone.console import Console
from standalone.errors import StandaloneError
from standalone.gateway import GatewayServer
from standalone.ports import check_distinct
from standalone.repository import Repository
from standalone.supervisor import Supervisor
from standalone.triton import TritonServer
from standalone.triton_command import OTLP_VARIABLE, Ports, trace_options

app = typer.Typer(add_completion=False, rich_markup_mode=None)


def _port(help_text: str, envvar: str | None = None) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        min=0, max=65535, envvar=envvar, metavar="PORT", help=f"{help_text} 0 takes a free one."
    )
    return option


@app.command()
def serve(
    model_repository: Annotated[
        Path, typer.Option(envvar="SCORING_MODEL_REPOSITORY", help="Folder with the published models.")
    ] = Path("model_repository"),
    model_config_name: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Use configs/NAME.pbtxt of each model that has it, config.pbtxt of the others; "
            "auto takes local-openvino where OpenVINO is installed, an empty name config.pbtxt.",
        ),
    ] = config_choice.AUTO,
    engine_cores: Annotated[
        int | None,
        typer.Option(
            min=1,
            envvar="SCORING_ENGINE_CORES",
            metavar="N",
            help="Threads of an engine whose config leaves them open; by default one for each core that this process "
            "may use. One core less keeps FAQ answers fast while images are classified.",
        ),
    ] = None,
    host: Annotated[
        str,
        typer.Option(
            envvar="SCORING_HOST", help="Address of the gateway; 0.0.0.0 opens it to the network (with keys)."
        ),
    ] = "127.0.0.1",
    port: Annotated[int, _port("HTTP port of the gateway.", "SCORING_PORT")] = 8080,
    grpc_port: Annotated[int, _port("gRPC port of the gateway.", "SCORING_GRPC_PORT")] = 8081,
    triton_grpc_port: Annotated[int, _port("gRPC port of Triton, on the loopback address as the next two.")] = 8001,
    triton_http_port: Annotated[int, _port("HTTP port of Triton.")] = 8000,
    triton_metrics_port: Annotated[int, _port("Port of Triton's Prometheus metrics.")] = 8002,
    triton_only: Annotated[bool, typer.Option("--triton-only", help="Start Triton without the gateway.")] = False,
    model_control: Annotated[
        bool,
        typer.Option(
            "--model-control",
            help="Let clients of Triton load models with other configs (Triton's explicit mode), as scoring tune does. "
            "Whoever reaches Triton's ports may then do so: they stay on the loopback address.",
        ),
    ] = False,
) -> None:
    """Run the whole stack on this machine: Triton with the published models, and the gateway in front of it.

    It says "ready" once every model has answered an inference. A process that dies or hangs is started again.
    Ctrl-C stops everything within 5 seconds. Publish a model first with: scoring convert.

    All other settings of the gateway are taken from the environment: see scoring gateway --help.
    """
    console = Console()
    try:
        found = repository.read(model_repository)
        choice = config_choice.choose(found, model_config_name, engines.installed(engines.OPENVINO))
        triton = TritonServer(
            model_repository,
            Ports(triton_grpc_port, triton_http_port, triton_metrics_port),
            model_config_name=choice.name,
            engine_cores=engine_cores or cores.available(),
            model_control=model_control,
            options=trace_options(os.environ.get(OTLP_VARIABLE, "")),
            on_entry=lambda entry: console.write("triton", entry.text, entry.level),
        )
        _say_what_is_served(console, found, choice)
        if triton_only:
            Supervisor([triton], console).run(lambda: _say_ready(console, found, banner.for_triton(triton)))
        else:
            gateway = GatewayServer(
                model_repository,
                triton.grpc_address,
                host=host,
                ports=(port, grpc_port),
                on_line=lambda line: console.write("gateway", line),
            )
            check_distinct({**triton.ports.by_flag(), **gateway.ports})
            gateway.check()
            supervisor = Supervisor([triton, gateway], console)
            supervisor.run(lambda: _say_ready(console, found, banner.for_stack(triton, gateway)))
    except StandaloneError as error:
        typer.echo(f"scoring serve: {error}\n  {error.hint}", err=True)
        raise typer.Exit(2) from None


def _say_what_is_served(console: Console, found: Repository, choice: Choice) -> None:
    for line in config_choice.messages(found, choice, bf16=engines.has_bf16()):
        console.write("scoring", line)
    for model in found.without_version:
        command = models.publish_command(model)
        console.write("scoring", f"{model} has no version and is not served; publish one: {command}", "warning")


def _say_ready(console: Console, found: Repository, text: str) -> None:
    console.write_plain(text)
    for warning in banner.warnings(found):
        console.write("scoring", warning, "warning")
