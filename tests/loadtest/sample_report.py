"""Reports as runs make them, with figures that are easy to check."""

import msgspec

from loadtest.environment import Hardware, Revision
from loadtest.facts import Facts
from loadtest.faq.plan import ALONE, BUSY, DESIGN_2019, GRPC, HTTP, IN_PROCESS, LISTS, PEER, TRITON
from loadtest.figures import Figure, Kind, Load, Subject
from loadtest.images import plan
from loadtest.images.beside import SUBJECT as FAQ_SUBJECT
from loadtest.inventory import backend
from loadtest.meter import Round
from loadtest.report import Beside, Measured, ModelFacts, ProcessMemory, Report, Section, Settings, measured

FP32, BF16, INT8 = "ONNX Runtime FP32", "OpenVINO bf16", "OpenVINO INT8"


def sample_report(**changes: float) -> Report:
    """Return a report with both models; `changes` are those of `faq_section`, `image_report` or of the machine."""
    return msgspec.structs.replace(
        sample_image_report(**changes), sections=[faq_section(**changes), image_section(**changes)]
    )


def sample_faq_report(**changes: float) -> Report:
    """Return a report with the FAQ alone."""
    section = faq_section(**changes)
    return msgspec.structs.replace(sample_image_report(**changes), sections=[section], beside=[], memory=[])


def sample_image_report(**changes: float) -> Report:
    """Return a report with images alone, and the FAQ beside them."""
    given = {"faq_p50": 3.0, "rss": 900.0, "amx": 1, "load_average": 0.1, **changes}
    features = ("amx_bf16", "amx_int8") if given["amx"] else ("avx512_bf16",)
    return Report(
        title="The service, its limits and its peers",
        facts=Facts(
            created="2026-11-24T08:00:00+00:00",
            command="scoring bench",
            hardware=Hardware("Example CPU", 2, 16.0, "Linux 6.1", given["load_average"], features),
            versions={"python": "3.11.7", "triton": "2.51.0", "onnxruntime": "1.32.0", "openvino": "2026.4.1"},
            revision=Revision("0123456789abcdef", modified=False),
        ),
        settings=Settings(rounds=3, warm_up=1.0, seconds=3.0),
        services={"product": "scoring serve", "peer, FAQ": "uvicorn app"},
        sections=[image_section(**changes)],
        beside=_beside(given["faq_p50"]),
        memory=[ProcessMemory("gateway", 200, 180), ProcessMemory(backend(plan.MODEL), given["rss"], 850)],
    )


def faq_section(**changes: float) -> Section:
    """Return figures where the gateway gets 6,000 questions/s over HTTP, peers 2,000 and 150, the engine 50,000."""
    given = {"gateway": 6000.0, "peer": 2000.0, "p99": 2.0, **changes}
    return Section(
        benchmark="faq",
        title="FAQ matching",
        details="96 entries",
        unit="questions",
        workload="1,152 different questions, 3 matches each",
        busy=64,
        models=[ModelFacts("faq_matcher", 4, "d1f0", "onnxruntime-cpu", "fp32")],
        figures=[
            sample_figure(IN_PROCESS, "1 thread, batch 1", Load(1, 1), 10_000),
            sample_figure(IN_PROCESS, "2 sessions, batch 32", Load(2, 32), 50_000),
            sample_figure(TRITON, "1 in flight", ALONE, 1000),
            sample_figure(TRITON, "64 in flight", BUSY, 5000),
            sample_figure(TRITON, "4 in flight, 32 each", LISTS, 25_000),
            sample_figure(HTTP, "1 connection", ALONE, 800, given["p99"]),
            sample_figure(HTTP, "64 connections", BUSY, given["gateway"]),
            sample_figure(HTTP, "4 connections, 32 each", LISTS, 12_000),
            sample_figure(GRPC, "1 in flight", ALONE, 600),
            sample_figure(GRPC, "64 in flight", BUSY, 3000),
            sample_figure(PEER, "1 connection", ALONE, 1000),
            sample_figure(PEER, "64 connections", BUSY, given["peer"]),
            sample_figure(DESIGN_2019, "1 connection", ALONE, 100, 12),
            sample_figure(DESIGN_2019, "64 connections", BUSY, 150, 500),
        ],
        remarks=["Its limit: 2 sessions, batch 32 in process."],
    )


def image_section(**changes: float) -> Section:
    """Return figures where engines give 16, 100 and 180 images/s, the gateway 80 and 150, peers 10 and 4."""
    given = {"images": 80.0, "int8": 150.0, **changes}
    return Section(
        benchmark="images",
        title="Image classification",
        details="ResNet-152, untrained weights",
        unit="images",
        workload="32 different JPEG files of about 500x375 pixels (40 to 96 kB), 3 classes each",
        busy=plan.MANY,
        models=[
            ModelFacts("resnet152", 2, "e2", "openvino-cpu", precision, "untrained") for precision in ("fp32", "int8")
        ],
        figures=_image_figures(given),
        baseline=FP32,
        agreement={BF16: 1.0, INT8: 0.9375},
        differences={BF16: 0.0042},
        remarks=["The weights are untrained."],
    )


def _image_figures(given: dict[str, float]) -> list[Measured]:
    limits = ((FP32, 12, 16), (BF16, 70, 100), ("ONNX Runtime INT8", 40, 50), (INT8, 100, 180))
    found = []
    for engine, one, many in limits:
        subject = Subject(Kind.IN_PROCESS, f"In process, {engine}", engine)
        found += [sample_figure(subject, f"batch {size}", Load(1, size), rate) for size, rate in ((1, one), (8, many))]
    triton, http, grpc = (Subject(kind, f"{name} ({BF16})", BF16) for kind, name in _SERVED)
    int8, peer = Subject(Kind.HTTP, f"Gateway, HTTP ({INT8})", INT8), plan.peer_subject(FP32)
    return [
        *found,
        sample_figure(Subject(Kind.PART, "Decoding alone", ""), "one core", plan.ALONE, 380),
        sample_figure(triton, "1 in flight", plan.ALONE, 60, 21),
        sample_figure(triton, "8 in flight", plan.BUSY, 85, 120),
        sample_figure(triton, "2 in flight, 8 each", plan.LISTS, 95, 400),
        sample_figure(http, "1 connection", plan.ALONE, 50, 25),
        sample_figure(http, "8 connections", plan.BUSY, given["images"], 140),
        sample_figure(http, "2 connections, 8 each", plan.LISTS, 82, 500),
        sample_figure(grpc, "8 in flight", plan.BUSY, 78, 150),
        sample_figure(int8, "8 connections", plan.BUSY, given["int8"], 90),
        sample_figure(peer, "1 connection", plan.ALONE, 9, 130),
        sample_figure(peer, "8 connections", plan.BUSY, 10, 900),
        sample_figure(plan.DESIGN_2019, "1 connection", plan.ALONE, 4, 260),
        sample_figure(plan.DESIGN_2019, "8 connections", plan.BUSY, 4, 2100),
    ]


_SERVED = ((Kind.TRITON, "Triton, gRPC"), (Kind.HTTP, "Gateway, HTTP"), (Kind.GRPC, "Gateway, gRPC"))


def _beside(p50: float) -> list[Beside]:
    """The FAQ's p50 is 2 ms alone; beside images it is 9 ms, and `p50` with one core left to others."""
    rows = []
    for cores, loaded in ((2, 9.0), (1, p50)):
        for name, value, images in (("alone", 2.0, 0.0), ("beside images", loaded, 70.0)):
            figure = sample_figure(
                FAQ_SUBJECT, f"engine on {cores} of 2 cores, {name}", plan.ALONE, 400, value * 3, value
            )
            rows.append(Beside(figure, images))
    return rows


def sample_figure(
    subject: Subject, setting: str, load: Load, items_per_s: float, p99: float = 9.0, p50: float = 0.8
) -> Measured:
    """Return a figure of three equal rounds."""
    requests = items_per_s * 3 / load.batch
    rounds = [Round(round(requests), round(requests) / requests * 3.0, 0, p50_ms=min(p50, p99), p99_ms=p99)] * 3
    return measured(Figure(subject, setting, load, "driver", _never), rounds)


def _never(_: object) -> Round:
    raise AssertionError
