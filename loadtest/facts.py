"""When, where and with what a run was made."""

from typing import NamedTuple

import msgspec

from loadtest import environment, table
from loadtest.bench import now, typed_command
from loadtest.environment import Hardware, Revision


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
            f"{table.machine(self.hardware)}, {how}.",
            table.provenance(self.versions, self.created, self.revision),
            *table.busy_before(self.hardware),
        ]


class Before(NamedTuple):
    """What is looked at before a run makes load of its own."""

    created: str
    hardware: Hardware


def before() -> Before:
    """Look at the clock and the machine."""
    return Before(now(), environment.hardware())


def facts(before: Before, triton_version: str = "") -> Facts:
    """Return the facts of a run; Triton's version where it was asked for."""
    versions = environment.versions(triton_version, "openvino")
    return Facts(
        created=before.created,
        command=typed_command(),
        hardware=before.hardware,
        versions={name: version for name, version in versions.items() if version},
        revision=environment.revision(),
    )
