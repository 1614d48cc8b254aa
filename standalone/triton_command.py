"""Triton's command line and environment."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from standalone.ports import LOOPBACK
from standalone.run_folder import RunFolder
from standalone.wheel import Wheel

# Through this variable a backend learns where to import what it shares with others, numpy and its engine from.
IMPORT_PATH_VARIABLE = "SCORING_BACKEND_PATH"
EXIT_TIMEOUT = 2  # seconds that requests in flight get; the whole stack has to stop within 5


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports of the server, on the loopback address; 0 takes a free one."""

    grpc: int = 0
    http: int = 0
    metrics: int = 0

    def by_flag(self) -> dict[str, int]:
        """Return the ports by the flags of `scoring serve` that set them."""
        return {
            "--triton-grpc-port": self.grpc,
            "--triton-http-port": self.http,
            "--triton-metrics-port": self.metrics,
        }


def command(wheel: Wheel, folder: RunFolder, ports: Ports, model_config_name: str) -> list[str]:
    """Return the command that serves the models of a run folder."""
    flags = {
        "model-repository": folder.models,
        "backend-directory": folder.backends,
        "model-control-mode": "none",
        "model-config-name": model_config_name,
        # Only the gateway may talk to this server: a malformed text tensor can kill the Python stub.
        "http-address": LOOPBACK,
        "http-port": ports.http,
        "grpc-address": LOOPBACK,
        "grpc-port": ports.grpc,
        "metrics-address": LOOPBACK,
        "metrics-port": ports.metrics,
        "exit-timeout-secs": EXIT_TIMEOUT,
        "backend-config": f"python,shm-region-prefix-name={folder.shared_memory_prefix}",
        # There is no GPU for this server: no complaints about its missing driver.
        "allow-gpu-metrics": "false",
        "pinned-memory-pool-byte-size": 0,
    }
    # Auto-completion would let a config pass that says less than the cluster's servers are told.
    return [
        str(wheel.server),
        "--disable-auto-complete-config",
        *(f"--{name}={value}" for name, value in flags.items() if value != ""),
    ]


def environment(wheel: Wheel, folder: RunFolder, environ: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` with what the server and its Python stub need."""
    libraries = [str(folder.libraries), str(wheel.libraries), environ.get("LD_LIBRARY_PATH", "")]
    # The stub finds its standard library through the first `python3` on the PATH: it has to be this one.
    binaries = [str(Path(sys.executable).parent), environ.get("PATH", os.defpath)]
    return {
        **environ,
        "LD_LIBRARY_PATH": ":".join(filter(None, libraries)),
        "PATH": ":".join(binaries),
        # The stub does not read PYTHONPATH.
        IMPORT_PATH_VARIABLE: os.pathsep.join([str(folder.shared_modules), *filter(None, sys.path)]),
        # Models run on the CPU here; a config without an instance kind would take a GPU that it finds.
        "CUDA_VISIBLE_DEVICES": "",
        # Since 1.29 ONNX Runtime's Linux wheels report models and use to Microsoft unless told not to,
        # github.com/microsoft/onnxruntime/pull/27379.
        "ORT_DISABLE_TELEMETRY": "1",
    }
