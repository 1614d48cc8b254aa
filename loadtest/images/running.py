"""The product serving an image model, with what is needed to measure it and to prove its answers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from loadtest.errors import LoadTestError
from loadtest.figures import Kind
from loadtest.images import plan
from loadtest.images.agreement import Contender, ask_gateway_grpc, ask_http, ask_triton, serving_engine
from loadtest.images.card import Card, read_card, wnids
from loadtest.images.engines import Engine
from loadtest.images.messages import MULTIPART, multipart_bodies
from loadtest.images.pictures import photos
from loadtest.images.plan import MODEL, Material, Served
from loadtest.report import ModelFacts
from loadtest.stack import Stack, answered, product

EnginesOf = Callable[[Path, str], Sequence[Engine]]  # of a model file and its precision


@dataclass(frozen=True)
class Running:
    """A served version, and the engines that run its file in process."""

    served: Served
    engine: Engine
    engines: Sequence[Engine]
    card: Card
    folder: Path

    @property
    def wnids(self) -> list[str]:
        """The classes, in the order of the outputs."""
        return wnids(self.folder)

    def facts(self) -> ModelFacts:
        """Return what the report says of the version."""
        card = self.card
        return ModelFacts(card.model, card.version, card.digest, self.engine.served_as, card.precision, card.weights)

    def contenders(self, material: Material) -> list[Contender]:
        """Return the ways to ask for the pictures' classes."""
        stack, pictures = self.served.stack, material.pictures
        raw = partial(ask_http, plan.target(stack.http_port), pictures)
        forms = multipart_bodies(pictures, "images", size=4)[::4]
        form = partial(ask_http, plan.target(stack.http_port, MULTIPART), forms)
        triton = partial(ask_triton, stack.triton_address, MODEL, material.images, self.wnids)
        grpc = partial(ask_gateway_grpc, stack.grpc_address, pictures)
        named = {Kind.TRITON: triton, Kind.HTTP: raw, Kind.GRPC: grpc}
        found = [Contender(self.served.subject(kind).group, self.engine.name, ask) for kind, ask in named.items()]
        return [*found, Contender(f"{self.served.subject(Kind.HTTP).group}, lists", self.engine.name, form)]


@contextmanager
def serve(
    repository: Path, engines_of: EnginesOf, flags: Sequence[str] = (), environ: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Run the stack while the context lasts. Raises LoadTestError, also for an engine not in `engines_of`."""
    with product(repository, [MODEL], flags, environ) as stack:
        yield served_by(stack, engines_of)


def served_by(stack: Stack, engines_of: EnginesOf) -> Running:
    """Return the image model that a running stack serves. Raises LoadTestError for an engine not in `engines_of`."""
    folder = stack.folders[MODEL]
    card = read_card(folder)
    engines = engines_of(folder / "model.onnx", card.precision.upper())
    name = answered("the gateway", partial(serving_engine, plan.target(stack.http_port), photos(1)[0]))
    engine = next((each for each in engines if each.served_as == name), None)
    if engine is None:
        expected = " or ".join(each.served_as for each in engines)
        raise LoadTestError(
            f"{MODEL} is served by {name}; only {expected} can be compared with the same engine in process",
            "see which config `scoring serve` chose, in its first lines",
        )
    return Running(Served(stack, engine.name), engine, engines, card, folder)
