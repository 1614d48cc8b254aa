"""The gateway in a pod: its settings as `scoring gateway` would read them there."""

from collections.abc import Iterator

from doctor.check import container_check
from doctor.checks.gateway import deadline_faults
from doctor.finding import Fault, wrong
from doctor.gateway_settings import refusal
from doctor.manifests.pods import Container
from doctor.manifests.roles import settings, variables
from doctor.patient import Patient

_LOOPBACK = ("127.", "localhost", "::1")


@container_check("gateway-pod-settings", "A gateway's container gives it settings that it knows and takes.")
def pod_settings(container: Container, _: Patient) -> Iterator[Fault]:
    """What comes from secrets is taken to be right."""
    if not container.is_gateway:
        return
    reading, given = settings(container), variables(container)
    yield from reading.faults
    if not reading.faults and given is not None and (reason := refusal(given, files=False)):
        yield wrong(f"the gateway refuses to start: {reason}", "correct args and env of the container")
    yield from deadline_faults(reading)


@container_check("gateway-address", "A gateway in a pod listens where others reach it.")
def address(container: Container, _: Patient) -> Iterator[Fault]:
    """Its default is the loopback address, which probes and Services do not reach."""
    if container.is_gateway and settings(container).settings.host.startswith(_LOOPBACK):
        yield wrong(
            "the gateway listens on the loopback address of its pod: neither probes nor a Service reach it",
            "set SCORING_HOST to 0.0.0.0",
        )


CHECKS = [pod_settings, address]
