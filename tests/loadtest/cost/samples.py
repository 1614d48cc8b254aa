"""Reports of runs and prices with round numbers."""

from collections.abc import Sequence
from pathlib import Path

from loadtest.cost.pools import Plan
from loadtest.cost.prices import Prices, Size
from loadtest.environment import Gpu, Hardware
from loadtest.facts import Facts
from loadtest.figures import Kind
from loadtest.report import LATEST, Measured, Report, Section, Settings, store

PRICES = """
currency = "USD"

[[size]]
name = "Small"
vcpus = 4
hourly = 0.2
region = "here"
date = 2026-01-02
source = "a price list"

[[size]]
name = "Big"
vcpus = 16
hourly = 0.8
region = "here"
date = "2026-01"
source = "a price list"

[[size]]
name = "Gpu"
vcpus = 4
gpus = 1
gpu = "T4"
hourly = 1
region = "here"
date = "2026"
source = "a price list"
"""
PLAN = Plan(utilisation=0.5, least=1)


def size(name: str, vcpus: int, hourly: float, gpu: str = "") -> Size:
    """Return a size, with one GPU where that has a name."""
    known = {"region": "here", "date": "2026", "source": "a price list"}
    return Size(name=name, vcpus=vcpus, hourly=hourly, gpus=1 if gpu else 0, gpu=gpu, **known)


def prices() -> Prices:
    """Return those of PRICES."""
    return Prices("USD", [size("Small", 4, 0.2), size("Big", 16, 0.8), size("Gpu", 4, 1.0, "T4")])


def figure(kind: Kind, engine: str, per_s: float, batch: int = 1) -> Measured:
    """Return what was measured at 8 in flight."""
    return Measured(
        kind=kind, group=kind.value, engine=engine, setting="8 in flight", in_flight=8, batch=batch, driver="none",
        rounds=[], requests_per_s=per_s / batch, items_per_s=per_s, p50_ms=1.0, p99_ms=2.0,
    )  # fmt: skip


def section(benchmark: str, unit: str, figures: Sequence[Measured]) -> Section:
    """Return the section of a model."""
    return Section(
        benchmark=benchmark, title=f"The {benchmark} model", details="small", unit=unit, workload="", busy=8, models=[],
        figures=list(figures),
    )  # fmt: skip


def report(*sections: Section, gpus: Sequence[str] = ()) -> Report:
    """Return a run on 2 cores, and on GPUs of these names."""
    cards = tuple(Gpu(name, "1.0", 16000) for name in gpus)
    hardware = Hardware("Some CPU", 2, 8.0, "Linux", 0.0, (), cards)
    facts = Facts(
        created="2026-03-04T05:06:07+00:00", command="scoring bench", hardware=hardware, versions={}, revision=None
    )
    return Report(title="A run", facts=facts, settings=Settings(1, 1.0, 1.0), services={}, sections=list(sections))


def cpu_report() -> Report:
    """Return a run with 2,000 questions/s, half of whose time is the engine's, and 20 images/s."""
    faq = section(
        "faq", "questions",
        [figure(Kind.IN_PROCESS, "ONNX", 4000), figure(Kind.IN_PROCESS, "ONNX", 40000, 32),
         figure(Kind.HTTP, "ONNX", 1500), figure(Kind.HTTP, "ONNX", 2000), figure(Kind.HTTP, "ONNX", 9000, 32),
         figure(Kind.GRPC, "ONNX", 500), figure(Kind.TRITON, "ONNX", 3000), figure(Kind.PEER, "ONNX", 8000)],
    )  # fmt: skip
    images = section("images", "images", [figure(Kind.IN_PROCESS, "OpenVINO", 19), figure(Kind.HTTP, "OpenVINO", 20)])
    return report(faq, images)


def gpu_report() -> Report:
    """Return a run with 400 images/s on a T4."""
    return report(section("gpu", "images", [figure(Kind.HTTP, "CUDA fp16", 400)]), gpus=["Tesla T4"])


def stored(made: Report, folder: Path) -> Path:
    """Write a report, and return its file."""
    store(made, folder)
    return folder / LATEST
