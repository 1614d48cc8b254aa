"""The `scoring` command: mounts each package's sub-commands and imports a package only when it is used."""

import importlib
import sys
from typing import Any

import typer
from typer.core import TyperGroup

# name -> (module with a Typer `app`, what `scoring --help` says)
COMMANDS = {
    "serve": ("standalone.commands", "Run the whole stack on this machine: Triton and the gateway."),
    "gateway": ("gateway.commands", "Run the HTTP and gRPC gateway in front of a Triton server."),
    "keys": ("gateway.access.keys_commands", "Make, list and revoke the API keys of the gateway's clients."),
    "classify": ("gateway.classify_commands", "Ask a running gateway what pictures show."),
    "convert": ("converters.commands", "Train or load a model and publish it as a new version."),
    "dataset": ("converters.faq.dataset_commands", "Make, prepare and look at FAQ data sets."),
    "evaluate": ("converters.evaluate_commands", "Measure a published version on held-out data."),
    "models": ("registry.commands", "Push, list, verify and pull releases of the model repository."),
    "render": ("k8s.render.commands", "Render the Kubernetes overlays and check what comes out."),
    "doctor": ("doctor.commands", "Say what is wrong or risky in models, settings and manifests."),
    "tune": ("loadtest.tune.commands", "Find a model's best batch config for a latency limit, by measuring."),
    "bench": ("loadtest.commands", "Measure the stack against its limits and its peers."),
    "load": ("loadtest.load.commands", "Load a running service, look for the highest rate it bears, compare runs."),
    "cost": ("loadtest.cost.commands", "Say what predictions cost on CPUs and GPUs."),
}


class LazyGroup(TyperGroup):
    """Imports a sub-command on first use: the gateway's image holds no scikit-learn."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        try:
            return typer.main.get_command(importlib.import_module(module).app)
        except ModuleNotFoundError as error:
            missing = f"scoring {cmd_name}: the Python module {error.name!r} is not installed"
            sys.exit(f"{missing}; install everything with: make install")

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


app = typer.Typer(
    cls=LazyGroup,
    help="Real-time scoring of FAQ matching and image classification on NVIDIA Triton.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def main() -> None:
    """Real-time scoring of FAQ matching and image classification on NVIDIA Triton."""
