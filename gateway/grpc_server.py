"""The grpc.aio server: our methods, health and reflection on one address."""

import grpc
from grpc_health.v1 import health, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from gateway.grpc_api import SERVICE, GrpcApi
from gateway.health import Health
from gateway.listening import address, bound_socket

_UNCOMPRESSED = 1 << grpc.Compression.NoCompression


class GrpcServer:
    """A gRPC server on one address; raises OSError if that cannot be had."""

    def __init__(self, api: GrpcApi, health_service: Health, host: str, port: int, max_body_bytes: int) -> None:
        options = [
            ("grpc.max_receive_message_length", max_body_bytes),
            # Refused as the protocol has it: 20 kB would inflate to megabytes before anyone could count them.
            ("grpc.compression_enabled_algorithms_bitset", _UNCOMPRESSED),
            ("grpc.so_reuseport", 0),  # or a second gateway would share the port in silence
        ]
        bound_socket(host, port).close()  # fails with a reason, where gRPC would print its own thoughts and give none
        self._health = health_service
        self._server = grpc.aio.server(options=options)
        self._server.add_generic_rpc_handlers((api.handler(),))
        health_pb2_grpc.add_HealthServicer_to_server(health_service.servicer, self._server)
        reflection.enable_server_reflection((SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME), self._server)
        self.port = self._server.add_insecure_port(address(host, port))

    async def start(self) -> None:
        """Return once calls are accepted."""
        await self._server.start()

    async def stop(self, grace: float) -> None:
        """Tell those who watch, accept no more, give the calls in flight their grace."""
        await self._health.close()
        await self._server.stop(grace)
