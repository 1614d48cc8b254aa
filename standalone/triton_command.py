"""Triton's command line and environment."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from standalone.ports import LOOPBACK
from standalone.run_folder import RunFolder
from standalone.wheel import Wheel

# Through this variable a backend learns where to import what it shares with others, numpy and its engine from.
IMPORT_PATH_VARIABLE = "SCORING_BACKEND_PATH"
# Threads of an engine whose config leaves their number open.
CORES_VARIABLE = "SCORING_ENGINE_CORES"
# Where the gateway sends its traces; Triton's go there too.
OTLP_VARIABLE = "SCORING_OTLP_ENDPOINT"
_OTLP_PATH = "/v1/traces"
# Of requests without a `traceparent` Triton traces each so many-th, the largest number that it takes. With 0, which it
# takes as well, it misses some that have one. The gateway sends one with the calls that are to be traced, and no other.
_RARELY = 2**31 - 1
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


@dataclass(frozen=True, slots=True)
class Hardware:
    """What the server's engines may use: GPUs or none, and so many cores; None leaves the choice to them."""

    gpu: bool = False
    cores: int | None = None


def command(
    wheel: Wheel,
    folder: RunFolder,
    ports: Ports,
    model_config_name: str,
    hardware: Hardware,
    *,
    model_control: bool = False,
) -> list[str]:
    """Return the command that serves the models of a run folder; with `model_control` clients may load configs."""
    flags = {
        "model-repository": folder.models,
        "backend-directory": folder.backends,
        "model-control-mode": "explicit" if model_control else "none",
        # In explicit mode nothing is loaded that was not named; in the other one the flag is refused.
        "load-model": "*" if model_control else "",
        "model-config-name": model_config_name,
        # Only the gateway may talk to this server: a malformed text tensor can kill the Python stub, and who may load
        # configs may run code.
        "http-address": LOOPBACK,
        "http-port": ports.http,
        "grpc-address": LOOPBACK,
        "grpc-port": ports.grpc,
        "metrics-address": LOOPBACK,
        "metrics-port": ports.metrics,
        "exit-timeout-secs": EXIT_TIMEOUT,
        # Where batches pass between server and stub. A region is 1 MB first and grows as needed: to 4 MB for 16 images
        # of 224x224, to 35 MB for 128. Where /dev/shm has no room (64 MB in a container by default), the request fails
        # with a message that says so, and the stub goes on.
        "backend-config": f"python,shm-region-prefix-name={folder.shared_memory_prefix}",
    }
    if not hardware.gpu:
        # No complaints about a missing driver.
        flags |= {"allow-gpu-metrics": "false", "pinned-memory-pool-byte-size": 0}
    # Auto-completion would let a config pass that says less than the cluster's servers are told.
    return [
        str(wheel.server),
        "--disable-auto-complete-config",
        *(f"--{name}={value}" for name, value in flags.items() if value != ""),
    ]


def trace_options(endpoint: str) -> list[str]:
    """Return the flags that make Triton send traces to an OTLP/HTTP address; none for an empty one.

    An address without a path gets OTLP's own. Name and password in it are left out: a command line is no secret. Those
    that a collector asks for go into the variable OTEL_EXPORTER_OTLP_HEADERS.
    """
    if not endpoint:
        return []
    address = urlsplit(endpoint)
    url = address._replace(
        netloc=address.netloc.rpartition("@")[2], path=address.path.rstrip("/") or _OTLP_PATH
    ).geturl()
    settings = ("mode=opentelemetry", f"opentelemetry,url={url}", f"rate={_RARELY}", "level=TIMESTAMPS")
    return [f"--trace-config={each}" for each in settings]


def environment(wheel: Wheel, folder: RunFolder, environ: Mapping[str, str], hardware: Hardware) -> dict[str, str]:
    """Return `environ` with what the server and its Python stub need."""
    libraries = [str(folder.libraries), str(wheel.libraries), environ.get("LD_LIBRARY_PATH", "")]
    # The stub finds its standard library through the first `python3` on the PATH: it has to be this one.
    binaries = [str(Path(sys.executable).parent), environ.get("PATH", os.defpath)]
    needed = {
        "LD_LIBRARY_PATH": ":".join(filter(None, libraries)),
        "PATH": ":".join(binaries),
        # The stub does not read PYTHONPATH.
        IMPORT_PATH_VARIABLE: os.pathsep.join([str(folder.shared_modules), *filter(None, sys.path)]),
        # Since 1.29 ONNX Runtime's Linux wheels report models and use to Microsoft unless told not to,
        # github.com/microsoft/onnxruntime/pull/27379.
        "ORT_DISABLE_TELEMETRY": "1",
    }
    if not hardware.gpu:
        # A config without an instance kind would take a GPU that it finds.
        needed["CUDA_VISIBLE_DEVICES"] = ""
    if hardware.cores is not None:
        needed[CORES_VARIABLE] = str(hardware.cores)
    return {**environ, **needed}
