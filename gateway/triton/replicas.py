"""All Tritons: which one is asked next, and which ones there are."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from time import monotonic
from typing import NamedTuple

from gateway.errors import ModelUnavailableError
from gateway.triton.addresses import NOWHERE, Addresses, look_up
from gateway.triton.replica import Replica
from gateway.triton.standing import ReplicaState, Standing

# Seconds between two look-ups of a name. A pod that is new gets its first calls within that; for one that has gone, its
# connection says so at once.
_LOOK_UP = 3.0
_FIRST_LOOK_UPS = 0.5  # while a name has no address
_GRACE = 30.0  # seconds that calls in flight to a replica that has left may take: more than any deadline need be

_DETAILS = {
    Standing.UNREACHABLE: "{model}: Triton cannot be reached or is not ready.",
    Standing.HANGING: "{model}: Triton does not answer.",
    Standing.SHUT: "{model}: Triton has failed several times in a row; it is asked again in a moment.",
}


class _Candidate(NamedTuple):
    """A replica by what makes it fit to be asked, most important first."""

    standing: Standing
    reserve: bool
    in_flight: int
    turn: int  # different for all, so that the order never depends on the replica itself
    replica: Replica


LookUp = Callable[[str, int], Awaitable[frozenset[str]]]


class Replicas:
    """Picks the replica that has the fewest calls in flight; of equals, each gets its turn.

    Those of `reserve` are asked while none of the others is fit: slower ones, such as CPUs that stand in for GPUs.
    `look_up` returns the addresses of a name, none if nobody can say.
    """

    def __init__(self, addresses: Addresses, reserve: Addresses = NOWHERE, look_up: LookUp = look_up) -> None:
        self._addresses = addresses
        self._reserve = reserve
        self._look_up = look_up
        self._found = dict.fromkeys(sorted(addresses.names | reserve.names), frozenset[str]())
        self._replicas = dict[str, Replica]()
        self._turn = 0
        self._leaving = set[asyncio.Task[None]]()
        self._known = asyncio.Event()  # there is a replica, or it is known that there is none
        self._meet()
        self._names = asyncio.create_task(self._follow_names()) if self._found else None
        if not self._found:
            self._known.set()

    def __iter__(self) -> Iterator[Replica]:
        return iter(self._replicas.values())

    def states(self) -> list[ReplicaState]:
        """Return what is known of each."""
        return [replica.state() for replica in self]

    async def known(self, until: float) -> None:
        """Wait until the names have been looked up once, but not beyond the time `until`."""
        if not self._known.is_set():
            try:
                await asyncio.wait_for(self._known.wait(), until - monotonic())
            except TimeoutError:
                return

    def pick(self, model: str) -> tuple[Replica, list[Replica]]:
        """Return the replica to ask for a model, and those that are to be tried again, which may get copies.

        Raises ModelUnavailableError if none can be asked.
        """
        self._turn += 1  # here alone: whoever looks for something else takes no turn from the calls
        ranked = self._ranked(model, ())
        if not ranked:
            raise self._refusal(model)
        best, *others = ranked
        if best.standing is not Standing.USABLE:
            return best.replica, []
        return best.replica, [each.replica for each in others if each.standing is Standing.DUE]

    def fit(self, model: str, reserve: bool | None = None) -> list[Replica]:  # noqa: FBT001 - None: whichever
        """Return all that can be asked for a model, best first; those of the reserve alone, or the others alone.

        Raises ModelUnavailableError if none can be asked.
        """
        found = [each.replica for each in self._ranked(model, ()) if reserve in (None, each.reserve)]
        if not found:
            raise self._refusal(model)
        return found

    def another(self, model: str, avoid: Sequence[Replica]) -> Replica | None:
        """Return the replica to ask for a model after others, None if none can be asked."""
        ranked = self._ranked(model, avoid)
        return ranked[0].replica if ranked else None

    def outage(self, model: str) -> str | None:
        """Return why no replica can be asked for a model but by way of trial; None if one can."""
        now = monotonic()
        if any(replica.standing(model, now) <= Standing.STRANGE for replica in self):
            return None
        return self._refusal(model).detail

    async def close(self) -> None:
        """Hang up on all; calls in flight are cancelled."""
        if self._names is not None:
            self._names.cancel()
        for leaving in self._leaving:
            leaving.cancel()
        replicas = list(self)
        self._replicas.clear()  # whoever looks or asks now finds none
        await asyncio.gather(*(replica.close() for replica in replicas))

    def _ranked(self, model: str, avoid: Sequence[Replica]) -> list[_Candidate]:
        now, count = monotonic(), len(self._replicas)
        candidates = [
            _Candidate(
                replica.standing(model, now),
                replica.reserve,
                len(replica.in_flight),
                (place - self._turn) % count,
                replica,
            )
            for place, replica in enumerate(self)
            if replica not in avoid
        ]
        return sorted(each for each in candidates if each.standing <= Standing.DUE)

    def _refusal(self, model: str) -> ModelUnavailableError:
        now = monotonic()
        standings = {replica: replica.standing(model, now) for replica in self}
        best = max(min(standings.values(), default=Standing.UNREACHABLE), Standing.SHUT)
        waits = [replica.breaker(model).due - now for replica, standing in standings.items() if standing is best]
        retry_after = max(min(waits, default=1.0), 0.0) if best is Standing.SHUT else 1.0
        return ModelUnavailableError(_DETAILS[best].format(model=model), retry_after=retry_after)

    async def _follow_names(self) -> None:
        while True:
            for name in self._found:
                self._found[name] = await self._look_up(*name) or self._found[name]
            self._meet()
            self._known.set()
            await asyncio.sleep(_LOOK_UP if all(self._found.values()) else _FIRST_LOOK_UPS)

    def _meet(self) -> None:
        """Make the replicas those that the addresses name now."""
        preferred, reserve = self._named(self._addresses), self._named(self._reserve)
        addresses = preferred | reserve
        for address in sorted(addresses - self._replicas.keys()):
            self._replicas[address] = Replica(address)
        for address in self._replicas.keys() - addresses:
            leaving = asyncio.create_task(self._replicas.pop(address).retire(_GRACE))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)
        for address, replica in self._replicas.items():
            replica.reserve = address not in preferred

    def _named(self, addresses: Addresses) -> frozenset[str]:
        return addresses.fixed.union(*(self._found[name] for name in addresses.names))
