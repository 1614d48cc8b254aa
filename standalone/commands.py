"""The command `scoring serve`."""

from pathlib import Path
from typing import Annotated

import typer

from standalone import banner
from standalone.console import Console
from standalone.errors import StandaloneError
from standalone.gateway import GatewayServer
from standalone.ports import check_distinct
from standalone.supervisor import Supervisor
from standalone.triton import TritonServer
from standalone.triton_command import Ports

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
        str, typer.Option(metavar="NAME", help="Use configs/NAME.pbtxt of each model in place of its config.pbtxt.")
    ] = "",
    host: Annotated[
        str, typer.Option(envvar="SCORING_HOST", help="Address of the gateway; 0.0.0.0 opens it to the network.")
    ] = "127.0.0.1",
    port: Annotated[int, _port("HTTP port of the gateway.", "SCORING_PORT")] = 8080,
    grpc_port: Annotated[int, _port("gRPC port of the gateway.", "SCORING_GRPC_PORT")] = 8081,
    triton_grpc_port: Annotated[int, _port("gRPC port of Triton, on the loopback address as the next two.")] = 8001,
    triton_http_port: Annotated[int, _port("HTTP port of Triton.")] = 8000,
    triton_metrics_port: Annotated[int, _port("Port of Triton's Prometheus metrics.")] = 8002,
    triton_only: Annotated[bool, typer.Option("--triton-only", help="Start Triton without the gateway.")] = False,
) -> None:
    """Run the whole stack on this machine: Triton with the published models, and the gateway in front of it.

    It says "ready" once every model has answered an inference. A process that dies or hangs is started again.
    Ctrl-C stops everything within 5 seconds. Publish a model first with: scoring convert.

    All other settings of the gateway are taken from the environment: see scoring gateway --help.
    """
    console = Console()
    try:
        triton = TritonServer(
            model_repository,
            Ports(triton_grpc_port, triton_http_port, triton_metrics_port),
            model_config_name=model_config_name,
            on_entry=lambda entry: console.write("triton", entry.text, entry.level),
        )
        for model in triton.repository.without_version:
            console.write("scoring", f"{model} has no version and is not served: scoring convert --help", "warning")
        if triton_only:
            Supervisor([triton], console).run(lambda: console.write_plain(banner.for_triton(triton)))
        else:
            gateway = GatewayServer(
                model_repository,
                triton.grpc_address,
                host=host,
                ports=(port, grpc_port),
                on_line=lambda line: console.write("gateway", line),
            )
            check_distinct({**triton.ports.by_flag(), **gateway.ports})
            Supervisor([triton, gateway], console).run(lambda: console.write_plain(banner.for_stack(triton, gateway)))
    except StandaloneError as error:
        typer.echo(f"scoring serve: {error}\n  {error.hint}", err=True)
        raise typer.Exit(2) from None
