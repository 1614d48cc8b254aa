"""When, where and with what a run was made."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from loadtest import environment
from loadtest.command_line import typed_command
from loadtest.environment import Gpu, Hardware, Revision

_IDLE_LOAD = 0.5


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader needs to judge a run's figures by."""

    created: str
    command: str
    hardware: Hardware
    versions: dict[str, str]
    revision: Revision | None

    def sentences(self, how: str) -> list[str]:
        """Return the facts as sentences; `how` follows the machine in the first one."""
        return [
            f"{_machine(self.hardware)}, {how}.",
            f"{_versions(self.versions)}; {self.created[:10]}, revision {_revision(self.revision)}.",
            *_busy_before(self.hardware),
        ]


class Before(NamedTuple):
    """What is looked at before a run makes load of its own."""

    created: str
    hardware: Hardware


def now() -> str:
    """Return the time as reports show it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def before(gpus: Sequence[Gpu] = ()) -> Before:
    """Look at the clock and the machine, whose GPUs the caller knows."""
    return Before(now(), environment.hardware(gpus))


def facts(before: Before, triton_version: str = "", program: str = "scoring") -> Facts:
    """Return the facts of a run; Triton's version where it was asked for, and what the command line began with."""
    versions = environment.versions(triton_version)
    return Facts(
        created=before.created,
        command=typed_command(program),
        hardware=before.hardware,
        versions={name: version for name, version in versions.items() if version},
        revision=environment.revision(),
    )


def _machine(hardware: Hardware) -> str:
    features = hardware.matrix_features
    known = "" if features is None else f", {' '.join(features) or 'no matrix features'}"
    gpus = "".join(f", {each.name} with {each.memory_mib:,} MiB, driver {each.driver}" for each in hardware.gpus)
    return f"{hardware.cores} cores ({hardware.cpu}{known}, {hardware.memory_gib:g} GiB){gpus}"


def _versions(versions: Mapping[str, str]) -> str:
    shown = {
        "python": "Python", "triton": "Triton", "onnxruntime": "ONNX Runtime", "onnxruntime-gpu": "ONNX Runtime GPU",
        "openvino": "OpenVINO",
    }  # fmt: skip
    return ", ".join(f"{name} {versions[key]}" for key, name in shown.items() if key in versions)


def _revision(revision: Revision | None) -> str:
    if revision is None:
        return "unknown"
    return revision.commit[:7] + (" with changes" if revision.modified else "")


def _busy_before(hardware: Hardware) -> list[str]:
    if hardware.load_average <= _IDLE_LOAD:
        return []
    return [f"The machine was busy before the run (load {hardware.load_average})."]
