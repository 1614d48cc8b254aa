"""Pods in general: images, rights, shared memory, and variables that nobody asked for."""

from collections.abc import Iterator

from doctor.check import container_check, workload_check
from doctor.finding import Fault, risky, wrong
from doctor.gateway_settings import FIELDS
from doctor.manifests.containers import Container
from doctor.manifests.documents import Manifests
from doctor.manifests.roles import configs, same_namespace
from doctor.manifests.workloads import Workload
from doctor.patient import Patient
from doctor.tree import at, mappings, text, texts

_SHM = "/dev/shm"  # noqa: S108  the mount point, not a file


@container_check("image-tag", "An image has a tag that does not move.", first=True)
def image_tag(container: Container, _: Patient) -> Iterator[Fault]:
    """Two pods of one Deployment may otherwise run different versions."""
    name, _at, digest = container.image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    if not container.image:
        yield wrong("it has no image", "name one")
    elif not digest and tag in {"", "latest"}:
        yield risky(
            f"its image {container.image} {'is tagged latest' if tag else 'has no tag'}: nobody knows what runs",
            "state a version, or better a digest (@sha256:...)",
        )


@container_check(
    "security-context", "Containers run without rights, on a file system that they cannot write.", first=True
)
def security_context(container: Container, _: Patient) -> Iterator[Fault]:
    """Triton has had remote code executions; these keep one inside its container."""
    own, pod = at(container.raw, "securityContext"), container.pod_rights
    if at(own, "privileged") is True:
        yield wrong("it is privileged: who breaks out of it has the node", "leave privileged out")
    missing = [
        wanted
        for wanted, given in (
            (
                "runAsNonRoot: true",
                at(own, "runAsNonRoot") if at(own, "runAsNonRoot") is not None else at(pod, "runAsNonRoot"),
            ),
            ("readOnlyRootFilesystem: true", at(own, "readOnlyRootFilesystem")),
            ("allowPrivilegeEscalation: false", at(own, "allowPrivilegeEscalation") is False),
            ('capabilities: drop: ["ALL"]', "ALL" in texts(own, "capabilities", "drop")),
        )
        if given is not True
    ]
    if missing:
        yield risky("its securityContext leaves it more rights than it needs", f"add {'; '.join(missing)}")


@workload_check("shared-memory", "Shared memory is enlarged where the Python backend runs, and only there.")
def shared_memory(workload: Workload, patient: Patient) -> Iterator[Fault]:
    """A container has 64 MB of it; of our backends, only Python's passes tensors through it."""
    triton = workload.triton
    if triton is None:
        return
    volumes = {
        text(each, "name") for each in mappings(workload.pod, "volumes") if text(each, "emptyDir", "medium") == "Memory"
    }
    mounted = any(
        text(each, "mountPath") == _SHM and text(each, "name") in volumes
        for each in mappings(triton.raw, "volumeMounts")
    )
    python = any(config.backend == "python" for config in configs(triton, patient))
    if python and not mounted:
        yield wrong(
            "a model uses the Python backend, and /dev/shm has 64 MB: larger batches fail",
            "mount an emptyDir with medium: Memory and a sizeLimit there",
        )
    elif mounted and not python:
        yield risky(
            "its shared memory is enlarged, and no model uses the Python backend: it counts against the memory limit",
            "leave the volume out",
        )


def _links(manifests: Manifests, workload: Workload) -> Iterator[tuple[str, str]]:
    """Variables of the gateway's that Kubernetes would set to a Service's address, and the Service."""
    for service in manifests.of("Service"):
        if same_namespace(service.namespace, workload.namespace):
            prefix = service.name.upper().replace("-", "_")
            suffixes = ("_PORT", "_SERVICE_HOST", "_SERVICE_PORT")
            yield from ((prefix + suffix, service.name) for suffix in suffixes if prefix + suffix in FIELDS)


@workload_check("service-links", "No Service's name makes Kubernetes set a variable of the gateway.")
def service_links(workload: Workload, patient: Patient) -> Iterator[Fault]:
    """A Service called scoring puts SCORING_PORT=tcp://10.0.0.1:80 into every pod of its namespace."""
    gateway = workload.gateway
    if gateway is None or patient.manifests is None or at(workload.pod, "enableServiceLinks") is False:
        return
    for variable, service in _links(patient.manifests, workload):
        if variable not in gateway.env:
            yield wrong(
                f"the Service {service} makes Kubernetes set {variable}=tcp://..., and the gateway refuses to start",
                "set enableServiceLinks: false in the pod's spec",
            )


CHECKS = [image_tag, security_context, shared_memory, service_links]
