"""What the pods' containers run here: the same programs, with the manifests' settings, on this machine's paths."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from loadtest.parts import program
from loadtest.rollout.pod import Plan
from loadtest.rollout.processes import Program
from loadtest.rollout.workload import Helper, Workload

LIVE = "live"  # the tag that gateways follow
# Settings that need what only a cluster has: secrets, certificates, a collector, pools for images.
_CLUSTERS_OWN = re.compile(r"SCORING_(KEYS_FILE|OIDC_|TLS_|OTLP_|IMAGE_TRITON)")
_FOLDERS = re.compile(r"(?<![^=:,])/(models|tmp)(?=/|$)")  # that pods have of their own
# Of Triton's flags, those that decide how connections and requests in flight end, and whom it answers.
_FLAGS = re.compile(r"--(exit-timeout-secs|grpc-(max|keepalive|http2|restricted)[a-z0-9-]*|http-restricted-api)=")
_VARIABLE = re.compile(r"\$\([A-Z_]+\)")  # Kubernetes puts the pod's own values there


class Place(NamedTuple):
    """Where a pod lives: its address, its folder, and where releases are kept."""

    address: str
    folder: Path
    store: Path

    @property
    def current(self) -> Path:
        """The release that is in place there."""
        return self.folder / "models" / "current"

    def here(self, text: str) -> str:
        """Return an argument or a value with this machine's paths."""
        return _FOLDERS.sub(rf"{self.folder}/\1", text)


def models(*args: str) -> list[str]:
    """Return a `scoring models` command."""
    return [program(), "models", *args]


def gateway(workload: Workload, place: Place, names: Mapping[str, str], overrides: Mapping[str, str]) -> Plan:
    """Return what a gateway's pod runs; `names` makes it look names up where the cluster keeps them."""
    settings = {name: place.here(value) for name, value in workload.environ.items() if not _CLUSTERS_OWN.match(name)}
    environ = {**settings, **names, "SCORING_HOST": place.address, "TMPDIR": str(place.folder / "tmp"), **overrides}
    sidecar = _helper(workload.models, place, {})
    return Plan((), Program([program(), "gateway"], environ), sidecar, place.current)


def triton(workload: Workload, place: Place, overrides: Mapping[str, str]) -> Plan:
    """Return what a Triton's pod runs: it fetches its release, then serves it."""
    ports = [str(workload.port(name)) for name in ("grpc", "http", "metrics")]
    flags = [_VARIABLE.sub("unknown", each) for each in workload.args if _FLAGS.match(each)]
    command = [sys.executable, "-m", "standalone.pod", place.address, *ports, str(place.current), *flags]
    return Plan((_helper(workload.models, place, overrides),), Program(command, {}))


def _helper(helper: Helper, place: Place, overrides: Mapping[str, str]) -> Program:
    environ = {name: place.here(value) for name, value in helper.environ.items()}
    ours = {"MODELS_STORE": str(place.store), "MODELS_TARGET": str(place.folder / "models")}
    return Program(models(*map(place.here, helper.words)), {**environ, **ours, **overrides})
