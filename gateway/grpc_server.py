"""The grpc.aio server: our methods, health and reflection on one address."""

from typing import NamedTuple

import grpc
from grpc_health.v1 import health, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from gateway.grpc_api import SERVICE, GrpcApi
from gateway.health import Health
from gateway.listening import Endpoint, address, bound_socket

_UNCOMPRESSED = 1 << grpc.Compression.NoCompression

# A client that wants more calls at a time opens a second connection; gRPC's own clients wait for their turn.
_STREAMS = 1024
_METADATA = 16 * 1024  # bytes in a call's headers

# Dead clients are found out within 80 s; clients may ping every 10 s, as those of Kubernetes and Envoy do, and are told
# to go (ENHANCE_YOUR_CALM) when they do so much more often. Connections that never end would leave a new worker or
# gateway idle: after half an hour a client is asked to connect anew, and finishes what is in flight.
_CONNECTIONS = (
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    ("grpc.http2.max_ping_strikes", 3),
    ("grpc.max_connection_age_ms", 1_800_000),
    ("grpc.max_concurrent_streams", _STREAMS),
    ("grpc.max_metadata_size", _METADATA),
    ("grpc.absolute_max_metadata_size", 4 * _METADATA),
)


class CallLimits(NamedTuple):
    """What calls may take."""

    max_body_bytes: int
    max_calls: int  # at a time; the next ones are refused with RESOURCE_EXHAUSTED before anything of them is read
    longest: float  # seconds that a call may take at most


class GrpcServer:
    """A gRPC server on one address; raises OSError if that cannot be had."""

    def __init__(
        self,
        api: GrpcApi,
        health_service: Health,
        endpoint: Endpoint,
        limits: CallLimits,
        credentials: grpc.ServerCredentials | None = None,
    ) -> None:
        options = [
            *_CONNECTIONS,
            ("grpc.max_connection_age_grace_ms", int(1000 * limits.longest) + 1000),
            ("grpc.max_receive_message_length", limits.max_body_bytes),
            # A window that grows with the speed of the line would let megabytes in before they are asked for.
            ("grpc.http2.bdp_probe", 0),
            # Refused as the protocol has it: 20 kB would inflate to megabytes before anyone could count them.
            ("grpc.compression_enabled_algorithms_bitset", _UNCOMPRESSED),
            ("grpc.so_reuseport", int(endpoint.shared)),  # or a second gateway would share the port in silence
        ]
        bound_socket(endpoint).close()  # fails with a reason, where gRPC would print its own thoughts and give none
        self._health = health_service
        self._server = grpc.aio.server(options=options, maximum_concurrent_rpcs=limits.max_calls)
        self._server.add_generic_rpc_handlers((api.handler(),))
        health_pb2_grpc.add_HealthServicer_to_server(health_service.servicer, self._server)
        reflection.enable_server_reflection((SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME), self._server)
        where = address(endpoint.host, endpoint.port)
        if credentials is None:
            self.port = self._server.add_insecure_port(where)
        else:
            self.port = self._server.add_secure_port(where, credentials)

    async def start(self) -> None:
        """Return once calls are accepted."""
        await self._server.start()

    async def stop(self, grace: float) -> None:
        """Tell those who watch, accept no more, give the calls in flight their grace."""
        await self._health.close()
        await self._server.stop(grace)
