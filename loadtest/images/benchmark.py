"""The image benchmark: start everything, prove that all answer alike, measure, report."""

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from loadtest import environment, inventory
from loadtest.bench import Duration, OnStep, measure, now, shown, typed_command
from loadtest.disturbance import Disturbance
from loadtest.errors import LoadTestError
from loadtest.faq import plan as faq
from loadtest.faq.questions import SAMPLE_FILES, read_questions
from loadtest.figures import Figure
from loadtest.images import agreement, plan
from loadtest.images.agreement import Agreement, Contender, ask_http
from loadtest.images.beside import measure_beside
from loadtest.images.card import Card, read_card
from loadtest.images.engines import cpu_engines
from loadtest.images.goals import judge
from loadtest.images.in_process import tensors
from loadtest.images.int8 import CALIBRATION_PICTURES, can_be_made, int8_repository
from loadtest.images.messages import MULTIPART, TOP_K
from loadtest.images.pictures import photos
from loadtest.images.plan import MODEL, Material
from loadtest.images.running import Running, serve
from loadtest.images.view import panels
from loadtest.meter import Span
from loadtest.report import Beside, Report, Settings
from loadtest.stack import Peer, check_published, is_published, peer, published

__all__ = ["FULL", "NAME", "QUICK", "check", "judge", "panels", "run"]

NAME = "images"
# Rounds are long, because a batch may take a second.
FULL = Duration(rounds=3, span=Span(warm_up=1.0, seconds=5.0))
QUICK = Duration(rounds=1, span=Span(warm_up=1.0, seconds=3.0))
_BASELINE_PRECISION = "fp32"


def check(repository: Path) -> None:
    """Raise LoadTestError when there is nothing to measure, or nothing to compare with."""
    check_published(repository, MODEL, "publish one with: scoring convert resnet152")
    card = read_card(published(repository, MODEL))
    if card.precision != _BASELINE_PRECISION:
        raise LoadTestError(
            f"version {card.version} of {MODEL} in {repository} is {card.precision}; the benchmark starts from FP32",
            "publish FP32 in another folder: scoring convert resnet152 --repository DIR, then --model-repository DIR",
        )


def run(repository: Path, duration: Duration, on_step: OnStep, *, with_int8: bool) -> Report:
    """Measure everything on this machine. Raises LoadTestError, also when a single request failed."""
    check(repository)
    hardware = environment.hardware()  # before our own load
    started, disturbance = now(), Disturbance()
    card = read_card(published(repository, MODEL))
    pictures = photos()
    spec = card.preprocessing
    material = Material(pictures, tensors(pictures, spec), spec)
    with ExitStack() as services:
        running = _start(services, repository, card, on_step, with_int8=with_int8)
        on_step("starting the peer", 0, 1)
        rival = services.enter_context(peer("fastapi_images", running[0].folder))
        on_step("comparing answers", 0, 1)
        found = _compare(running, rival, material)
        figures = measure(_figures(running, rival, material), duration, on_step, disturbance)
        memory = inventory.memory(running[0].served.stack.server.pid)
    beside = _beside(repository, pictures, duration, on_step)
    stack = running[0].served.stack
    return Report(
        benchmark=NAME,
        title=f"Image classification, ResNet-152, {card.weights} weights",
        unit="images",
        created=started,
        command=typed_command(),
        workload=_workload(pictures),
        settings=Settings(duration.rounds, *duration.span, busy=plan.MANY),
        hardware=hardware,
        disturbance=disturbance.share,
        versions=environment.versions(stack.triton_version, "openvino", "onnx", "pillow"),
        revision=environment.revision(),
        models=[each.facts() for each in running],
        services={**{each.engine.name: shown(each.served.stack.server.command) for each in running},
                  "peer": shown(rival.server.command)},
        figures=figures,
        baseline=running[0].engines[0].name,
        beside=beside,
        agreement=found.shares,
        differences=found.differences,
        memory=memory,
        remarks=_remarks(repository, card, running),
    )  # fmt: skip


def _start(services: ExitStack, repository: Path, card: Card, on_step: OnStep, *, with_int8: bool) -> Sequence[Running]:
    """Start the stack on the published version, and one on the same weights in INT8."""
    models = [MODEL, *([faq.MODEL] if is_published(repository, faq.MODEL) else [])]
    repositories = [(repository, models)]
    if with_int8 and can_be_made(card):
        on_step("making an INT8 version", 0, 1)
        repositories.append((services.enter_context(int8_repository(card)), [MODEL]))
    running = []
    for folder, served in repositories:
        on_step("starting Triton and the gateway", 0, 1)
        running.append(services.enter_context(serve(folder, cpu_engines, served)))
    return running


def _compare(running: Sequence[Running], rival: Peer, material: Material) -> Agreement:
    engines = [engine for each in running for engine in each.engines]
    target = plan.target(rival.port, MULTIPART)
    ask = partial(ask_http, target, plan.peer_bodies(material.pictures))
    contenders = [contender for each in running for contender in each.contenders(material)]
    contenders.append(Contender(plan.PEER_GROUP, engines[0].name, ask))
    card = running[0].card
    return agreement.compare(engines, contenders, material.images, running[0].wnids, trained=card.trained)


def _figures(running: Sequence[Running], rival: Peer, material: Material) -> list[Figure]:
    main, *others = running
    pictures, images = material.pictures, material.images
    return [
        *(figure for each in running for figure in plan.limits(each.engines, images)),
        plan.decoding(material),
        *plan.triton(main.served, images, [plan.ALONE, plan.BUSY, *plan.BATCHES]),
        *plan.gateway_http(main.served, pictures, [plan.ALONE, plan.BUSY, plan.CROWDED, plan.LISTS]),
        *plan.gateway_grpc(main.served, pictures, [plan.BUSY]),
        *(figure for each in others for figure in plan.gateway_http(each.served, pictures, [plan.BUSY, plan.CROWDED])),
        *plan.fastapi(rival, main.engines[0].name, pictures),
    ]


def _beside(repository: Path, pictures: Sequence[bytes], duration: Duration, on_step: OnStep) -> list[Beside]:
    if not is_published(repository, faq.MODEL):
        return []
    return measure_beside(repository, read_questions(SAMPLE_FILES), pictures, duration, on_step)


def _workload(pictures: Sequence[bytes]) -> str:
    sizes = [len(picture) / 1e3 for picture in pictures]
    return (
        f"{len(pictures)} different JPEG files of about 500x375 pixels ({min(sizes):.0f} to {max(sizes):.0f} kB), "
        f"{TOP_K} classes each"
    )


def _remarks(repository: Path, card: Card, running: Sequence[Running]) -> list[str]:
    remarks = ["The limit of an engine: its fastest batch in process, uint8 tensors in, probabilities out."]
    if not card.trained:
        remarks.append("The weights are untrained: as fast as trained ones, but the classes are random.")
    if len(running) > 1:
        made = f"INT8: calibrated for this run on {CALIBRATION_PICTURES} generated pictures"
        remarks.append(f"{made}; its speed is that of any INT8 version, its accuracy is not.")
    if not is_published(repository, faq.MODEL):
        remarks.append(f"FAQ matching beside images was not measured: {faq.MODEL} has no version.")
    return remarks
