"""Two Tritons and two gateways in front of both, to be replaced one after the other."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from loadtest.faults.balancers import CHECK_FAILS, CHECK_INTERVAL
from loadtest.parts import Part, gateway, triton

# After SIGTERM a gateway serves on until every balancer has noticed: two more looks than are needed.
DRAIN_DELAY = CHECK_INTERVAL * (CHECK_FAILS + 2)
# What is back gets time to be noticed before the next part goes (minReadySeconds of a Kubernetes Deployment): a
# gateway by the balancer, a Triton by all gateways, which try to connect about once a second.
_NOTICED, _CONNECTED = 2 * CHECK_INTERVAL, 2.5  # seconds


@dataclass(frozen=True)
class Deployment:
    """Two of each."""

    tritons: Sequence[Part]
    gateways: Sequence[Part]

    @property
    def parts(self) -> list[Part]:
        """All of them, in the order in which a rollout replaces them."""
        return [*self.tritons, *self.gateways]

    @property
    def addresses(self) -> list[str]:
        """Where the gateways listen, as host:port."""
        return [each.address for each in self.gateways]

    def replace(self, part: Part) -> None:
        """Restart a part, and wait until the others know that it is back. Raises LoadTestError."""
        part.restart()
        time.sleep(_CONNECTED if part in self.tritons else _NOTICED)


@contextmanager
def deployed(repository: Path, models: Sequence[str]) -> Iterator[Deployment]:
    """Run two Tritons and two gateways while the context lasts. Raises LoadTestError."""
    tritons = [triton(repository, f"Triton {number}") for number in (1, 2)]
    gateways = [gateway(repository, f"gateway {number}", tritons, models) for number in (1, 2)]
    for each in gateways:
        each.environ = {"SCORING_DRAIN_DELAY": str(DRAIN_DELAY)}
    deployment = Deployment(tritons, gateways)
    with ExitStack() as stack:
        for part in deployment.parts:
            stack.callback(part.stop)
            part.start()
        yield deployment
