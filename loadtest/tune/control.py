"""Triton's model-control API: load a model with another config, ask what it did, and leave it as it was."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import grpc
from google.protobuf import json_format
from tritonclient.grpc import service_pb2, service_pb2_grpc

from loadtest.errors import LoadTestError
from loadtest.grpc_driver import OPTIONS
from loadtest.load.grpc_service import check_address
from loadtest.load.interrupts import Interrupts
from loadtest.tune.errors import VariantError

START_HINT = "start one that lets clients load configs: scoring serve --triton-only --model-control"
_PATIENCE = 10.0  # seconds for what Triton knows
_LOADING = 180.0  # a large model is read, compiled and warmed up
_LONGEST = 300  # characters of a reason: Triton repeats itself
_NOBODY = "no-model-of-this-name"


class Control:
    """One model of a running Triton; at the end of the block it is served with the config that it had before.

    Raises LoadTestError when no Triton answers, it does not serve the model or lets nobody load configs, and when
    the config cannot be restored.
    """

    def __init__(self, address: str, model: str) -> None:
        check_address(address)
        self._address = address
        self._model = model
        self._channel = grpc.insecure_channel(address, OPTIONS)
        self._stub = service_pb2_grpc.GRPCInferenceServiceStub(self._channel)
        self._changed = False

    def __enter__(self) -> Self:
        try:
            self.original = self.config()
            self._check_mode()
        except BaseException:
            self._channel.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with Interrupts():  # a first Ctrl-C does not leave another config behind
                self.restore()
        finally:
            self._channel.close()

    def config(self) -> Any:
        """Return the config that the model is served with, as Triton completed it."""
        with self._failures_named():
            request = service_pb2.ModelConfigRequest(name=self._model)
            return self._stub.ModelConfig(request, timeout=_PATIENCE).config

    def version(self) -> str:
        """Return Triton's version."""
        with self._failures_named():
            return str(self._stub.ServerMetadata(service_pb2.ServerMetadataRequest(), timeout=_PATIENCE).version)

    def statistics(self) -> Any:
        """Return what the versions of the model have done since they were loaded."""
        with self._failures_named():
            request = service_pb2.ModelStatisticsRequest(name=self._model)
            return self._stub.ModelStatistics(request, timeout=_PATIENCE).model_stats

    def load(self, config: str) -> None:
        """Serve the model with a config, given as JSON. Raises VariantError where Triton refuses it."""
        self._changed = True
        try:
            self._load(config)
        except grpc.RpcError as error:
            if error.code() in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}:
                raise self._failed(error) from None
            raise VariantError(_said(error)) from None

    def restore(self) -> None:
        """Serve the model as it was, and see that it is so. Raises LoadTestError."""
        if not self._changed:
            return
        # From its file first, so that later changes of the file count; from what it was where that was another config.
        for config in ("", _json(self.original)):
            try:
                self._load(config)
            except grpc.RpcError as error:
                reason = _said(error)
            else:
                if self.config() == self.original:
                    self._changed = False
                    return
                reason = "another config is served"
        raise LoadTestError(
            f"{self._model} of {self._address} is not served as before: {reason}", "restart Triton, or load the model"
        )

    def _load(self, config: str) -> None:
        request = service_pb2.RepositoryModelLoadRequest(model_name=self._model)
        if config:
            request.parameters["config"].string_param = config
        self._stub.RepositoryModelLoad(request, timeout=_LOADING)

    def _check_mode(self) -> None:
        """Ask for a model that is not there: only the mode decides what Triton says to that."""
        try:
            self._stub.RepositoryModelLoad(
                service_pb2.RepositoryModelLoadRequest(model_name=_NOBODY), timeout=_PATIENCE
            )
        except grpc.RpcError as error:
            if "not allowed" in (error.details() or ""):
                raise LoadTestError(f"the Triton at {self._address} lets nobody load configs", START_HINT) from None

    @contextmanager
    def _failures_named(self) -> Iterator[None]:
        try:
            yield
        except grpc.RpcError as error:
            raise self._failed(error) from None

    def _failed(self, error: Any) -> LoadTestError:
        if error.code() is grpc.StatusCode.UNAVAILABLE:
            return LoadTestError(f"no Triton answers at {self._address}: {_said(error)}", START_HINT)
        return LoadTestError(f"the Triton at {self._address} says of {self._model}: {_said(error)}", START_HINT)


def _json(config: Any) -> str:
    return str(json_format.MessageToJson(config, preserving_proto_field_name=True, indent=None))


def _said(error: Any) -> str:
    """Return the reason of a failed call in one short line."""
    text = " ".join((error.details() or error.code().name).split(";")[0].split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
