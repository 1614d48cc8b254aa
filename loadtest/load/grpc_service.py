"""A service that is asked over gRPC: the gateway, or Triton itself."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import ceil
from time import perf_counter
from typing import Any, NamedTuple

import grpc

from loadtest import trust
from loadtest.errors import LoadTestError
from loadtest.grpc_driver import OPTIONS
from loadtest.load.report import Target
from loadtest.load.service import PATIENCE, Answer, Pace
from loadtest.openloop import fleet, grpc_load
from loadtest.openloop.fleet import Fleet
from loadtest.openloop.grpc_load import GrpcLoad

_HINTS = {
    grpc.StatusCode.UNAUTHENTICATED: "give a key that is valid: --key-file FILE or SCORING_API_KEY",
    grpc.StatusCode.PERMISSION_DENIED: "give a key that may ask this: --key-file FILE or SCORING_API_KEY",
    grpc.StatusCode.RESOURCE_EXHAUSTED: "wait, or raise the client's quota: scoring keys new --rate 0 sets none",
    grpc.StatusCode.UNIMPLEMENTED: "is this the gRPC port of that service? Triton's is another than the gateway's",
    grpc.StatusCode.NOT_FOUND: "see which models are published, and how their names are spelt",
    grpc.StatusCode.UNAVAILABLE: "start the service, or give its gRPC address (HOST:PORT); see whether it is ready",
}
_CONNECTIONS = 8  # a gateway with several workers serves each connection in one of them
_OTHER = "look at the service's log"
_UNCONNECTED = "failed to connect"  # how the library's own words begin


class Messages(NamedTuple):
    """What is sent: serialised messages with `batch` items each, and how the versions are read from a reply."""

    what: str
    method: str
    messages: Sequence[bytes]
    batch: int
    served: Callable[[bytes], Mapping[str, str]]


class GrpcService:
    """Sends messages to a method, with the API key if there is one."""

    def __init__(self, address: str, key: str, messages: Messages) -> None:
        """Take an address such as 127.0.0.1:8081, for TLS https://host:port. Raises LoadTestError for another kind."""
        self._address = address.removeprefix(trust.TLS)
        self._tls = address.startswith(trust.TLS)
        check_address(self._address)
        self._messages = messages
        self._metadata = (("authorization", f"Bearer {key}"),) if key else ()
        self.target = Target(url=address, protocol="grpc", what=messages.what, batch=messages.batch)

    def ask(self) -> Answer:
        """Send the first of the messages. Raises LoadTestError when it is not answered."""
        with trust.channel(self.target.url, OPTIONS) as channel:
            call: Any = channel.unary_unary(self._messages.method)
            began = perf_counter()
            with failures_named(self._address):
                reply = call(self._messages.messages[0], timeout=PATIENCE, metadata=self._metadata)
            return Answer(perf_counter() - began, self._messages.served(reply))

    def start(self, pace: Pace) -> Fleet:
        """Start to send the messages in turn. Raises LoadTestError."""
        load = GrpcLoad(
            self._address, self._messages.method, self._messages.messages, pace.due,
            deadline=pace.patience, patience=pace.patience, metadata=self._metadata,
            channels=ceil(_CONNECTIONS / pace.processes), tls=self._tls,
        )  # fmt: skip
        return Fleet(grpc_load.run, fleet.split(load, pace.processes))


@contextmanager
def failures_named(address: str) -> Iterator[None]:
    """Turn the failure of a call into a LoadTestError that says what to do."""
    try:
        yield
    except grpc.RpcError as error:
        code: grpc.StatusCode = error.code()
        raise LoadTestError(_failure(address, code, error.details() or ""), _HINTS.get(code, _OTHER)) from None


def _failure(address: str, code: grpc.StatusCode, said: str) -> str:
    if said.startswith(_UNCONNECTED):
        return f"nobody answers at {address}: {said.rpartition(': ')[2]}"
    return f"{address} answers {code.name}: {said}".removesuffix(": ")


def check_address(address: str) -> None:
    """Raise LoadTestError where an address is no HOST:PORT."""
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise LoadTestError(f"{address} is no gRPC address", "write HOST:PORT, for instance 127.0.0.1:8081")
