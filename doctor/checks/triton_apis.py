"""What Triton answers besides inference: APIs that load code, share memory or change logging.

docs/customization_guide/inference_protocols.md of github.com/triton-inference-server/server, "Limit Endpoint Access".
"""

from collections.abc import Iterator

from doctor.check import container_check
from doctor.finding import Fault, risky, wrong
from doctor.manifests.containers import Container
from doctor.patient import Patient
from doctor.wording import guess, listed

GRPC, HTTP = "grpc-restricted-protocol", "http-restricted-api"
CONTROL = "model-repository"
_APIS = {
    "health", "metadata", "inference", "shared-memory", "model-config", CONTROL, "statistics", "trace", "logging",
}  # fmt: skip
_DANGEROUS = {"shared-memory", CONTROL, "trace", "logging"}
_NEEDED = {GRPC: {"health", "inference", "model-config"}, HTTP: {"health"}}  # by the gateway, and by probes


def restricted(container: Container, flag: str) -> set[str]:
    """Return the APIs that a flag asks a key for; all of them where HTTP is switched off."""
    if flag == HTTP and (container.flag("allow-http") or "").lower() in {"false", "0"}:
        return _APIS - _NEEDED[HTTP]
    return {api for each in container.flags(flag) for api in each.partition(":")[0].split(",")}


@container_check("triton-apis", "Clients of Triton infer; nobody loads models, shares memory or changes its logging.")
def apis(container: Container, _: Patient) -> Iterator[Fault]:
    """Chains of them have been remote code executions (CVE-2025-23319, -23320, -23334)."""
    if not container.is_triton:
        return
    for flag, needed in _NEEDED.items():
        closed = restricted(container, flag)
        if missing := sorted(_DANGEROUS - closed):
            yield risky(
                f"everybody who reaches it may use {listed(missing)}", f"add --{flag}={','.join(missing)}:KEY=VALUE"
            )
        for name in sorted(closed & needed):
            yield wrong(f"--{flag} asks for a key for {name}, which gateway or probes use without", "leave it out")
        for name in sorted(closed - _APIS):
            yield wrong(
                f"--{flag} names {name!r}, which is no API: Triton does not start",
                guess(name, _APIS, f"there are {listed(sorted(_APIS))}"),
            )


CHECKS = [apis]
