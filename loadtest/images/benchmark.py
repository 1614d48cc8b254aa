"""The images' part of the benchmark: what is asked of whom, and the proof that all answer alike."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from loadtest.errors import LoadTestError
from loadtest.figures import Figure, Kind
from loadtest.images import agreement, plan
from loadtest.images.agreement import Agreement, Contender, ask_http
from loadtest.images.card import read_card
from loadtest.images.int8 import CALIBRATION_PICTURES
from loadtest.images.messages import MULTIPART, TOP_K
from loadtest.images.plan import MODEL, Material
from loadtest.images.running import Running
from loadtest.report import Measured, Section
from loadtest.stack import Peer, check_published, published

NAME = "images"
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


@dataclass
class ImageBenchmark:
    """The pictures, the product in FP32 and with the same weights in INT8 (None: not measured), its peers by kind."""

    main: Running
    int8: Running | None
    peers: dict[Kind, Peer]
    material: Material
    _found: Agreement = field(init=False)

    def prove(self) -> None:
        """Compare the answers of all engines, services and FastAPI. Raises LoadTestError."""
        engines = [engine for each in self._running() for engine in each.engines]
        contenders = [contender for each in self._running() for contender in each.contenders(self.material)]
        if Kind.PEER in self.peers:
            target = plan.target(self.peers[Kind.PEER].port, MULTIPART)
            ask = partial(ask_http, target, plan.peer_bodies(self.material.pictures))
            contenders.append(Contender(plan.PEER_GROUP, engines[0].name, ask))
        names, trained = self.main.wnids, self.main.card.trained
        self._found = agreement.compare(engines, contenders, self.material.images, names, trained=trained)

    def figures(self) -> list[Figure]:
        """Return what is measured."""
        main, pictures, images = self.main, self.material.pictures, self.material.images
        return [
            *(figure for each in self._running() for figure in plan.limits(each.engines, images)),
            plan.decoding(self.material),
            *plan.triton(main.served, images, [plan.ALONE, plan.BUSY, plan.LISTS]),
            *plan.gateway_http(main.served, pictures, [plan.ALONE, plan.BUSY, plan.CROWDED, plan.LISTS]),
            *plan.gateway_grpc(main.served, pictures, [plan.ALONE, plan.BUSY]),
            *(plan.gateway_http(self.int8.served, pictures, [plan.BUSY, plan.CROWDED]) if self.int8 else ()),
            *self._peers(),
        ]

    def section(self, figures: Sequence[Measured]) -> Section:
        """Return the report's section of the measured figures."""
        card = self.main.card
        return Section(
            benchmark=NAME,
            title="Image classification",
            details=f"ResNet-152, {card.weights} weights",
            unit="images",
            workload=_workload(self.material.pictures),
            busy=plan.MANY,
            models=[each.facts() for each in self._running()],
            figures=list(figures),
            baseline=self.main.engines[0].name,
            agreement=self._found.shares,
            differences=self._found.differences,
            remarks=list(self._remarks()),
        )

    def _running(self) -> list[Running]:
        return [self.main, *([self.int8] if self.int8 else [])]

    def _peers(self) -> Iterator[Figure]:
        for kind, peer in self.peers.items():
            if kind == Kind.PEER:
                yield from plan.fastapi(peer, self.main.engines[0].name, self.material.pictures)
            else:
                yield from plan.design_2019(peer, self.material.pictures)

    def _remarks(self) -> Iterator[str]:
        yield "The limit of an engine: its fastest batch in process, uint8 tensors in, probabilities out."
        if not self.main.card.trained:
            yield "The weights are untrained: as fast as trained ones, but the classes are random."
        if self.int8:
            made = f"INT8: calibrated for this run on {CALIBRATION_PICTURES} generated pictures"
            yield f"{made}; its speed is that of any INT8 version, its accuracy is not."
        if Kind.DESIGN_2019 in self.peers:
            yield f"{plan.DESIGN_2019.group}: the same network, with random weights of its own."


def _workload(pictures: Sequence[bytes]) -> str:
    sizes = [len(picture) / 1e3 for picture in pictures]
    return (
        f"{len(pictures)} different JPEG files of about 500x375 pixels ({min(sizes):.0f} to {max(sizes):.0f} kB), "
        f"{TOP_K} classes each"
    )
