"""Starts all that is measured: the product, the same with INT8 weights and with a core left free, and the peers."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from loadtest.bench import OnStep
from loadtest.command_line import shown
from loadtest.environment import cores
from loadtest.faq import plan as faq
from loadtest.figures import Kind
from loadtest.images import plan as images
from loadtest.images.engines import cpu_engines
from loadtest.images.int8 import can_be_made, int8_repository
from loadtest.images.running import Running, serve, served_by
from loadtest.stack import Peer, Stack, design_2019, peer, product

_START = "starting Triton and the gateway"


@dataclass(frozen=True)
class Wanted:
    """What a run compares: models, whether in INT8 too, and peers; the FAQ's of 2019 learns from files of questions."""

    models: Sequence[str]
    int8: bool
    peers: bool
    questions: Sequence[Path]


class Services:
    """Starts services that run as long as the ExitStack; all methods raise LoadTestError."""

    def __init__(self, repository: Path, wanted: Wanted, running: ExitStack, on_step: OnStep) -> None:
        self.commands: dict[str, str] = {}
        self._repository = repository
        self._wanted = wanted
        self._running = running
        self._on_step = on_step

    def product(self) -> Stack:
        """Start the product as users do."""
        self._on_step(_START, 0, 0)
        return self._noted("product", self._running.enter_context(product(self._repository, self._wanted.models)))

    def engine_on_fewer_cores(self) -> dict[int, Stack]:
        """Start the product with a core that the engine leaves to everything else, where there are several."""
        if cores() == 1:
            return {}
        count = cores() - 1
        self._on_step(f"{_START}, engine on {count} of {cores()} cores", 0, 0)
        flags = ("--engine-cores", str(count))
        stack = self._running.enter_context(product(self._repository, self._wanted.models, flags))
        return {count: self._noted(f"product, engine on {count} of {cores()} cores", stack)}

    def int8(self, stack: Stack) -> tuple[Running, Running | None]:
        """Return the image model that a stack serves; and one of the same weights in INT8 where that can be had."""
        main = served_by(stack, cpu_engines)
        if not (self._wanted.int8 and can_be_made(main.card)):
            return main, None
        self._on_step("making an INT8 version", 0, 0)
        repository = self._running.enter_context(int8_repository(main.card))
        self._on_step(f"{_START} with INT8", 0, 0)
        other = self._running.enter_context(serve(repository, cpu_engines))
        self._noted("product, INT8", other.served.stack)
        return main, other

    def faq_peers(self, stack: Stack) -> dict[Kind, Peer]:
        """Start the FAQ's peers on the version that a stack serves."""
        if not self._wanted.peers:
            return {}
        folder = stack.folders[faq.MODEL]
        self._on_step(f"starting {faq.PEER.group}", 0, 0)
        found = {Kind.PEER: self._running.enter_context(peer("fastapi_faq", folder))}
        self._on_step(f"starting {faq.DESIGN_2019.group}", 0, 0)
        files = os.pathsep.join(map(str, self._wanted.questions))
        environ = {"MODEL_FOLDER": str(folder), "DUPLICATES": files}
        # A worker uses one core; what they share is learnt once, before they are forked.
        old = design_2019("flask_2019_faq", cores(), ["--preload"], environ)
        found[Kind.DESIGN_2019] = self._running.enter_context(old)
        return self._peers("FAQ", found)

    def image_peers(self, stack: Stack) -> dict[Kind, Peer]:
        """Start the images' peers on the version that a stack serves; that of 2019 where TensorFlow is installed."""
        if not self._wanted.peers:
            return {}
        folder = stack.folders[images.MODEL]
        self._on_step(f"starting {images.PEER_GROUP}", 0, 0)
        found = {Kind.PEER: self._running.enter_context(peer("fastapi_images", folder))}
        if find_spec("keras") and find_spec("tensorflow"):
            self._on_step(f"starting {images.DESIGN_2019.group}", 0, 0)
            old = design_2019("flask_2019_images", 1, [], {"MODEL_FOLDER": str(folder)})
            found[Kind.DESIGN_2019] = self._running.enter_context(old)
        return self._peers("images", found)

    def _peers(self, model: str, found: dict[Kind, Peer]) -> dict[Kind, Peer]:
        self.commands |= {f"{kind}, {model}": shown(each.server.command) for kind, each in found.items()}
        return found

    def _noted(self, name: str, stack: Stack) -> Stack:
        self.commands[name] = shown(stack.server.command)
        return stack
