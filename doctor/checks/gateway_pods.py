"""The gateway in a pod: its settings as `scoring gateway` would read them there."""

from collections.abc import Iterator

from doctor.check import container_check
from doctor.checks.gateway import batch_faults, deadline_faults
from doctor.finding import Fault, risky, wrong
from doctor.gateway_settings import FILES, refusal
from doctor.manifests.containers import Container
from doctor.manifests.roles import configs, settings, tritons, variables
from doctor.patient import Patient
from doctor.tree import text

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


@container_check("gateway-pod-batches", "A gateway sends no larger batches than the Tritons beside it take.")
def batches(container: Container, patient: Patient) -> Iterator[Fault]:
    """By the configs that these are started with."""
    if container.is_gateway and patient.manifests:
        for _, triton in tritons(patient.manifests):
            yield from batch_faults(settings(container), configs(triton, patient))


@container_check("gateway-files", "Keys and certificates are mounted where the settings name them, and follow changes.")
def files(container: Container, _: Patient) -> Iterator[Fault]:
    """A file mounted by subPath stays as it was when the pod started."""
    if not container.is_gateway:
        return
    given = {name: getattr(settings(container).settings, name.removeprefix("SCORING_").lower()) for name in FILES}
    for name, path in given.items():
        mount = container.mount(path)
        if path and not mount:
            yield wrong(f"{name}={path}: nothing is mounted there", "mount the Secret at its folder")
        elif path and text(mount, "subPath"):
            yield risky(
                f"{name}={path} is mounted by subPath: a changed Secret never gets there",
                "mount the whole Secret as a folder",
            )


CHECKS = [pod_settings, address, batches, files]
