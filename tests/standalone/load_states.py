"""What Triton says about many models of which it refuses some: one start for a whole table of cases."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import grpc

from standalone.triton import TritonServer
from tests.standalone.tiny_models import write_model
from tests.standalone.triton_client import Client

States = dict[str, tuple[str, str]]


def load_states(repository: Path, backend: str, cases: Mapping[str, tuple[str, Any]]) -> States:
    """Return state and reason of every model, after one Triton tried to load them all.

    `cases` maps a model's name to its config, without name and backend, and its ONNX model.
    """
    for name, (text, model) in cases.items():
        write_model(repository, f'name: "{name}" backend: "{backend}" {text}', model)
    server = TritonServer(repository, options=["--exit-on-error=false"])
    server.launch()
    try:
        with Client(server.grpc_address) as client:
            return _settled(client, len(cases))
    finally:
        server.stop(grace=0)


def parameter(name: str, value: str) -> str:
    """Return a parameter of a config."""
    return f'parameters {{ key: "{name}" value: {{ string_value: "{value}" }} }}'


def _settled(client: Client, count: int) -> States:
    deadline = time.monotonic() + 60
    while True:
        try:
            states = client.load_states()
            if len(states) == count and all(state in {"READY", "UNAVAILABLE"} for state, _ in states.values()):
                return states
        except grpc.RpcError:  # it does not listen before all models are tried
            assert time.monotonic() < deadline
        time.sleep(0.1)
