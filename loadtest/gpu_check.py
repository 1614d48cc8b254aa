"""`python -m loadtest.gpu_check`: see that image classification works on this machine's NVIDIA GPU, and how fast."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from loadtest.console import failures_reported, finish, progress_shown
from loadtest.errors import LoadTestError
from loadtest.gpu import requirements
from loadtest.gpu.check import BATCHES, FULL, NAME, QUICK, Accelerator, Extent, export, run
from loadtest.gpu.engines import gpu_engines
from loadtest.gpu.view import judge, panels

_COMMAND = "loadtest.gpu_check"
app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def gpu_check(
    output: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the report and its plot: DIR/gpu.")] = Path(
        "results/bench"
    ),
    weights: Annotated[str, typer.Option(help="Weights to export, as for scoring convert resnet152.")] = "untrained",
    framework: Annotated[str, typer.Option(help="torch or keras.")] = "torch",
    quick: Annotated[bool, typer.Option("--quick", help="One short round, fewer batches.")] = False,  # noqa: FBT002  a flag
) -> None:
    """Export ResNet-152 in FP16, compare it on the GPU with FP32 on the CPU, measure it in process and served.

    In process with ONNX Runtime's CUDA provider, and TensorRT where it is installed; served by `scoring serve
    --model-config-name gpu`. Batches from 1 to 128. The report goes to DIR/gpu, as <time>.json and latest.json.

    Without an NVIDIA GPU, or an ONNX Runtime built for it, nothing is done, and the exit code is 2.
    """
    try:
        gpus = requirements.present()
    except LoadTestError as error:  # in one line: there is nothing else to read
        typer.echo(f"{_COMMAND}: {error}; {error.hint}", err=True)
        raise typer.Exit(2) from None
    accelerator = Accelerator("gpu", "fp16", gpu_engines, gpus)
    extent = Extent(BATCHES[::3], QUICK) if quick else Extent(BATCHES, FULL)
    with failures_reported(_COMMAND), TemporaryDirectory(prefix="scoring-gpu-check-") as folder:
        with progress_shown() as on_step:
            exports = export(accelerator, framework, weights, Path(folder), on_step)
            report = run(accelerator, exports, extent, on_step)
        finish(report, output / NAME, judge, panels)


if __name__ == "__main__":
    app()
