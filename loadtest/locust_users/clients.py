"""The connections of one user: each request is counted by Locust, with a latency if it was answered."""

import time
from time import perf_counter
from typing import TYPE_CHECKING, Any

import grpc

from loadtest import trust
from loadtest.grpc_driver import OPTIONS
from loadtest.locust_users.failures import RequestFailedError, grpc_failure, http_failure, unreachable

if TYPE_CHECKING:  # importing Locust changes the whole process
    from locust.contrib.fasthttp import FastHttpSession

_OWN_CONNECTION = ("grpc.use_local_subchannel_pool", 1)  # as every real client has; else all users share one
_EMPTY = "an empty answer"


class HttpClient:
    """Posts over a user's HTTP connection."""

    protocol = "HTTP"

    def __init__(self, session: "FastHttpSession") -> None:
        self._session = session

    def post(self, name: str, path: str, body: bytes, media_type: str) -> RequestFailedError | None:
        """Send a request that is counted under a name; return why it got no answer."""
        headers = {"content-type": media_type}
        posted: Any = self._session.post(path, data=body, headers=headers, name=name, catch_response=True)  # type: ignore[arg-type]  # bytes are taken
        with posted as reply:
            failure = _failure(reply)
            reply.request_meta["request_type"] = self.protocol
            if failure:
                # A refusal within a millisecond would flatter the percentiles.
                reply.request_meta["response_time"] = None
                reply.failure(failure)
        return failure


def _failure(reply: Any) -> RequestFailedError | None:
    if reply.status_code == 0:
        return unreachable(reply.error)
    if reply.status_code != 200:
        return http_failure(reply.status_code, reply.content or b"", (reply.headers or {}).get("retry-after"))
    return None if reply.content else RequestFailedError(_EMPTY)


class GrpcClient:
    """Calls methods over a user's gRPC connection: messages are bytes made beforehand, replies are not parsed."""

    def __init__(self, address: str, protocol: str, requested: Any, deadline: float, key: str = "") -> None:
        """Take `host:port`, or `https://host:port` for TLS.

        `protocol` is how Locust's tables call it, `requested` Locust's event, `deadline` holds seconds.
        """
        self._channel = trust.channel(address, [*OPTIONS, _OWN_CONNECTION])
        self._protocol = protocol
        self._requested = requested
        self._deadline = deadline
        self._metadata = [("authorization", f"Bearer {key}")] if key else []

    def call(self, name: str, method: str, message: bytes) -> RequestFailedError | None:
        """Send a request that is counted under a name; return why it got no answer."""
        call: Any = self._channel.unary_unary(method)  # without serialisers: bytes in, bytes out
        failure, reply = None, b""
        at, start = time.time(), perf_counter()
        try:
            reply = call(message, timeout=self._deadline, metadata=self._metadata)
        except grpc.RpcError as error:
            failure = grpc_failure(error)
        elapsed = (perf_counter() - start) * 1e3
        if not failure and not reply:
            failure = RequestFailedError(_EMPTY)
        self._requested.fire(
            request_type=self._protocol,
            name=name,
            response_time=None if failure else elapsed,
            response_length=len(reply),
            exception=failure,
            context={},
            start_time=at,
            url=method,
        )
        return failure

    def close(self) -> None:
        """End the connection."""
        self._channel.close()
