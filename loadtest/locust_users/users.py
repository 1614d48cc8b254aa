"""The user that all others are made of."""

import os
import time
from functools import cached_property
from typing import ClassVar

from locust import FastHttpUser
from locust.env import Environment

from loadtest.grpc_driver import MODEL_INFER
from loadtest.locust_users.checks import KEY_VARIABLE
from loadtest.locust_users.clients import GrpcClient, HttpClient
from loadtest.locust_users.failures import RequestFailedError
from loadtest.locust_users.inputs import Inputs
from loadtest.locust_users.options import given

_PAUSE = 1.0  # seconds before a user tries again to reach a server that is not there
_MARGIN = 5.0  # seconds after its deadline that an HTTP reply may still come


class ScoringUser(FastHttpUser):
    """Sends one request after the other; its connections are its own, opened when first used.

    Requests are counted under a name and a protocol.
    """

    abstract = True
    host = "http://127.0.0.1:8080"
    insecure = False  # certificates are checked: the key goes to whoever answers
    inputs: ClassVar[Inputs]  # of this process, made when it starts

    def __init__(self, environment: Environment) -> None:
        self._options = given(environment)
        self._key = os.environ.get(KEY_VARIABLE, "")
        self.host = (self.host or "").rstrip("/")
        self.network_timeout = self.connection_timeout = self._options.deadline + _MARGIN
        authorization = {"authorization": f"Bearer {self._key}"} if self._key else {}
        self.default_headers = {"request-timeout": f"{self._options.deadline:g}"} | authorization
        super().__init__(environment)

    def post(self, name: str, path: str, body: bytes, media_type: str) -> None:
        """Send the gateway a request over HTTP."""
        self._wait(HttpClient(self.client).post(name, path, body, media_type))

    def call(self, name: str, method: str, message: bytes) -> None:
        """Send the gateway a request over gRPC."""
        self._wait(self._grpc.call(name, method, message))

    def infer(self, name: str, message: bytes) -> None:
        """Send Triton a request, without the gateway."""
        self._wait(self._triton.call(name, MODEL_INFER, message))

    def on_stop(self) -> None:
        for client in (self.__dict__.get("_grpc"), self.__dict__.get("_triton")):  # those that were used
            if client:
                client.close()

    @cached_property
    def _grpc(self) -> GrpcClient:
        return self._grpc_client(self._options.grpc_host, "gRPC", self._key)

    @cached_property
    def _triton(self) -> GrpcClient:
        return self._grpc_client(self._options.triton_host, "Triton", key="")

    def _grpc_client(self, address: str, protocol: str, key: str) -> GrpcClient:
        return GrpcClient(address, protocol, self.environment.events.request, self._options.deadline, key)

    def _wait(self, failure: RequestFailedError | None) -> None:
        """Wait before the next request where there is a reason to; Locust has made `sleep` let the others go on."""
        if failure and failure.unreachable:
            time.sleep(_PAUSE)
        elif failure and failure.retry_after and self._options.polite:
            time.sleep(failure.retry_after)
