"""The check itself: export, parity with FP32 on the CPU, throughput in process and served.

It knows of the GPU only what an Accelerator says, and runs on the CPU as well.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from tritonclient.grpc import service_pb2

from loadtest import inventory
from loadtest.bench import Duration, OnStep, measure
from loadtest.command_line import shown
from loadtest.disturbance import Disturbance
from loadtest.environment import Gpu
from loadtest.errors import LoadTestError
from loadtest.facts import before, facts
from loadtest.figures import Figure, Load
from loadtest.images import agreement, plan
from loadtest.images.agreement import Agreement
from loadtest.images.conversion import command, convert
from loadtest.images.engines import ONNXRUNTIME, Engine, open_onnxruntime
from loadtest.images.in_process import tensors
from loadtest.images.pictures import photos
from loadtest.images.plan import MODEL, Material
from loadtest.images.running import EnginesOf, Running, serve
from loadtest.meter import Span
from loadtest.report import Report, Section, Settings
from loadtest.stack import published

NAME = "gpu"
FULL = Duration(rounds=3, span=Span(warm_up=1.0, seconds=3.0))
QUICK = Duration(rounds=1, span=Span(warm_up=0.5, seconds=1.5))
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128)
# FP16 keeps 11 bits, bfloat16 8; with those, probabilities of random weights moved by up to 0.03.
MOST_DIFFERENCE = 0.02
REFERENCE = f"{ONNXRUNTIME} FP32"
_REFERENCE_BATCH = 8
_PICTURES = 64
_GATEWAY = {"SCORING_MAX_IMAGE_BATCH_SIZE": "64"}  # its default suits processors


@dataclass(frozen=True)
class Accelerator:
    """What the model runs on: the config that serves it, the precision that suits it, and its engines in process."""

    config: str
    precision: str
    engines_of: EnginesOf
    gpus: Sequence[Gpu] = ()


@dataclass(frozen=True)
class Extent:
    """How much is measured: batches in process and to Triton, as many connections to the gateway."""

    batches: Sequence[int]
    duration: Duration


@dataclass(frozen=True)
class Exports:
    """Model repositories with the same network: in FP32, and in the accelerator's precision."""

    exact: Path
    served: Path


def export(accelerator: Accelerator, framework: str, weights: str, folder: Path, on_step: OnStep) -> Exports:
    """Publish both in `folder` with `scoring convert`, whose options these are. Raises LoadTestError."""
    repositories = []
    for precision in ("fp32", accelerator.precision):
        on_step(f"exporting {MODEL} in {precision}", 0, 1)
        repositories.append(folder / precision)
        convert(command(repositories[-1], framework, weights, precision), "see that this works on its own")
    return Exports(*repositories)


def run(accelerator: Accelerator, exports: Exports, extent: Extent, on_step: OnStep) -> Report:
    """Check and measure. Raises LoadTestError, also for a failed parity."""
    seen, disturbance = before(accelerator.gpus), Disturbance()
    reference = Engine(REFERENCE, "", published(exports.exact, MODEL) / "model.onnx", open_onnxruntime)
    flags = ("--model-config-name", accelerator.config)
    with ExitStack() as services:
        on_step("starting Triton and the gateway", 0, 1)
        running = services.enter_context(serve(exports.served, accelerator.engines_of, flags, _GATEWAY))
        material = _material(running)
        on_step("comparing answers", 0, 1)
        parity = _parity(running, reference, material)
        planned = [*_figures(running, reference, material, extent.batches)]
        figures = measure(planned, extent.duration, on_step, disturbance)
        memory = inventory.memory(running.served.stack.server.pid)
    section = Section(
        benchmark=NAME,
        title="Image classification",
        details=f"ResNet-152, {accelerator.precision.upper()}, {running.card.weights} weights",
        unit="images",
        workload=f"{_PICTURES} different pictures of about 500x375 pixels",
        busy=plan.MANY,
        models=[running.facts()],
        figures=figures,
        baseline=REFERENCE,
        agreement=parity.shares,
        differences=parity.differences,
        remarks=["The limit of an engine: its fastest batch in process, uint8 tensors in, probabilities out."],
    )
    return Report(
        title="ResNet-152 on a GPU" if accelerator.gpus else "ResNet-152",
        facts=facts(seen, running.served.stack.triton_version, "python -m loadtest.gpu_check"),
        settings=Settings(extent.duration.rounds, *extent.duration.span),
        services={running.engine.name: shown(running.served.stack.server.command)},
        sections=[section],
        disturbance=disturbance.share,
        memory=memory,
    )


def _material(running: Running) -> Material:
    pictures, spec = photos(_PICTURES), running.card.preprocessing
    return Material(pictures, tensors(pictures, spec), spec)


def _parity(running: Running, reference: Engine, material: Material) -> Agreement:
    """Compare every engine with FP32 on the CPU, and what is served with its engine. Raises LoadTestError."""
    engines = [reference, *running.engines]
    contenders = running.contenders(material)
    found = agreement.compare(engines, contenders, material.images, running.wnids, trained=running.card.trained)
    for name, value in found.differences.items():
        if value > MOST_DIFFERENCE:
            raise LoadTestError(
                f"{name} gives probabilities that differ from {reference.name}'s by {value:.3f} (at most "
                f"{MOST_DIFFERENCE} is allowed)",
                "its figures would be those of a broken model",
            )
    return found


def _figures(running: Running, reference: Engine, material: Material, batches: Sequence[int]) -> Iterator[Figure]:
    served, images = running.served, material.images
    largest = largest_call(served.stack.triton_address) or max(batches)
    yield from plan.limits([reference], images, [_REFERENCE_BATCH])
    yield from plan.limits(running.engines, images, batches)
    yield plan.decoding(material)
    # Two at a time, as the gateway sends them.
    yield from plan.triton(served, images, [Load(2, batch) for batch in batches if batch <= largest])
    yield from plan.gateway_http(served, material.pictures, [Load(connections) for connections in batches])


def largest_call(triton: str) -> int:
    """Return the most images that Triton, at that address, takes in one request; 0 when it sets no limit."""
    with grpc.insecure_channel(triton) as channel:
        ask: Any = channel.unary_unary(
            "/inference.GRPCInferenceService/ModelConfig",
            request_serializer=service_pb2.ModelConfigRequest.SerializeToString,
            response_deserializer=service_pb2.ModelConfigResponse.FromString,
        )
        return int(ask(service_pb2.ModelConfigRequest(name=MODEL), timeout=10).config.max_batch_size)
