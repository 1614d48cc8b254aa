"""The check's goals and plot, read from a report."""

from pathlib import Path

import msgspec

from loadtest import plot
from loadtest.environment import Gpu
from loadtest.figures import Kind, Load, Subject
from loadtest.gpu.check import REFERENCE
from loadtest.gpu.view import judge, panels
from loadtest.report import Report
from loadtest.table import notes
from tests.loadtest.sample_report import sample_figure, sample_image_report

CUDA = "CUDA FP16"


def gpu_report(triton: float = 2400, difference: float = 0.004) -> Report:
    """Return a report in which CUDA gives 3,000 images/s at best, and the gateway 2,000."""
    limit, reference = (Subject(Kind.IN_PROCESS, f"In process, {name}", name) for name in (CUDA, REFERENCE))
    direct, http = (Subject(kind, name, CUDA) for kind, name in ((Kind.TRITON, "Triton"), (Kind.HTTP, "Gateway")))
    base = sample_image_report()
    (section,) = base.sections
    section = msgspec.structs.replace(
        section,
        benchmark="gpu",
        figures=[
            sample_figure(reference, "batch 8", Load(1, 8), 60),
            *(sample_figure(limit, f"batch {n}", Load(1, n), rate) for n, rate in ((1, 200), (64, 3000), (128, 2900))),
            sample_figure(direct, "2 in flight, 64 each", Load(2, 64), triton),
            *(sample_figure(http, f"{n} connections", Load(n), rate) for n, rate in ((1, 120), (128, 2000))),
        ],
        agreement={CUDA: 1.0},
        differences={CUDA: difference},
    )
    hardware = msgspec.structs.replace(base.facts.hardware, gpus=(Gpu("NVIDIA H100", "570.86", 81559),))
    facts = msgspec.structs.replace(base.facts, hardware=hardware)
    return msgspec.structs.replace(base, facts=facts, sections=[section], beside=[])


def test_parity_and_share_of_the_limit_are_judged() -> None:
    """On both sides of their bounds; the limit is the fastest batch in process."""
    assert [goal.met for goal in judge(gpu_report())] == [True, True, False]
    assert [goal.met for goal in judge(gpu_report(triton=2100, difference=0.04))] == [False, False, False]
    assert "Gateway, 128 connections" in str(judge(gpu_report())[-1])


def test_report_names_the_gpu() -> None:
    """With memory and driver."""
    assert "NVIDIA H100 with 81,559 MiB, driver 570.86" in notes(gpu_report())


def test_plot_shows_the_best_of_each_and_the_gateway_by_connections(tmp_path: Path) -> None:
    """Reference, engines and services, and it can be drawn."""
    report = gpu_report()
    (row,) = panels(report)
    (best, rates), (latencies,) = row.left, row.right
    assert [bar.figure.items_per_s for bar in best.bars] == [60, 3000, 2400, 2000]
    assert [bar.figure.in_flight for bar in rates.bars] == [bar.figure.in_flight for bar in latencies.bars] == [1, 128]
    plot.save(report, panels(report), tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 20_000
