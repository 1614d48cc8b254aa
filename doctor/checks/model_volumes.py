"""Where the models of a pod come from: a volume that something fills before they are read."""

import re
from collections.abc import Iterator

from doctor.check import workload_check
from doctor.files import size
from doctor.finding import Fault, risky, wrong
from doctor.manifests.containers import Container
from doctor.manifests.roles import configs, settings
from doctor.manifests.workloads import Workload
from doctor.patient import Patient
from doctor.tree import mapping, mappings, quantity, text

_ID = re.compile(r"[0-9a-f]{16}")
_TARGET, _RELEASE, _STORE = "MODELS_TARGET", "MODELS_RELEASE", "MODELS_STORE"


def _reader(workload: Workload) -> tuple[Container, str] | None:
    """The container that reads models, and where."""
    if triton := workload.triton:
        return triton, triton.flag("model-repository") or ""
    if (gateway := workload.gateway) and settings(gateway).sets("SCORING_MODEL_REPOSITORY"):
        return gateway, str(settings(gateway).settings.model_repository)
    return None


def _fillers(workload: Workload, volume: str) -> list[Container]:
    """Containers that start before and may write a volume."""
    early = [*workload.first, *(each for each in workload.containers if each.is_sidecar)]
    return [each for each in early if any(_writes(mount, volume) for mount in mappings(each.raw, "volumeMounts"))]


def _writes(mount: dict[str, object], volume: str) -> bool:
    return text(mount, "name") == volume and mount.get("readOnly") is not True


@workload_check("model-volume", "An empty volume of models is filled before they are read, and holds them.")
def volume(workload: Workload, patient: Patient) -> Iterator[Fault]:
    """Triton ends without a model, a gateway has no catalog."""
    found = _reader(workload)
    if found is None:
        return
    reader, path = found
    name = text(reader.mount(path), "name")
    empty = next((each for each in mappings(workload.pod, "volumes") if text(each, "name") == name), {})
    if not name or "emptyDir" not in empty:
        return
    fillers = _fillers(workload, name)
    if not fillers:
        yield wrong(f"it reads models from {path}, an empty volume that nothing fills", "add scoring models pull")
    for each in fillers:
        yield from _misdirected(each, reader, path)
    yield from _too_small(workload, patient, mapping(empty, "emptyDir"))


def _misdirected(filler: Container, reader: Container, path: str) -> Iterator[Fault]:
    target = filler.env.get(_TARGET, "")
    # `scoring models` puts the link "current" into its target; both may mount the volume at a place of their own.
    below = path.removeprefix(text(reader.mount(path), "mountPath")).strip("/")
    written = f"{target}/current".removeprefix(text(filler.mount(target), "mountPath")).strip("/")
    if target and below != written:
        yield wrong(
            f"it reads models from {path}, and container {filler.name} puts them into {target}/current",
            f"make {_TARGET} and the path of the models agree",
        )
    if filler.is_sidecar and not filler.probe("startup"):
        yield risky(
            f"sidecar {filler.name} has no startupProbe: others start before it has brought any model",
            f"probe with: test -e {target or '/models'}/current",
            f"container {filler.name}",
        )


def _too_small(workload: Workload, patient: Patient, empty: dict[str, object]) -> Iterator[Fault]:
    limit = quantity(empty.get("sizeLimit"))
    newest = [config.model.newest for config in configs(workload.triton, patient)] if workload.triton else []
    files = sum(size(version.onnx) or 0 for version in newest if version)
    if limit is not None and limit < files:
        yield wrong(
            f"the volume of the models holds {limit / 2**20:,.0f} MiB, their files have {files / 2**20:,.0f} MiB",
            "raise its sizeLimit",
        )


@workload_check("model-release", "Triton serves a release that does not change; gateways follow a tag.")
def release(workload: Workload, _: Patient) -> Iterator[Fault]:
    """A pod that starts later would serve another model than its neighbours."""
    for each in [*workload.first, *workload.containers]:
        wanted, store = each.env.get(_RELEASE, ""), each.env.get(_STORE, "")
        if not wanted or "://" not in store:  # a store in the image changes with the image alone
            continue
        pinned = _ID.fullmatch(wanted) is not None
        if workload.triton and not pinned:
            yield wrong(
                f"container {each.name} pulls the tag {wanted!r}: pods that start later may serve another model",
                "name a release by its id: scoring models list",
            )
        elif workload.gateway and each.is_sidecar and pinned:
            yield risky(
                f"container {each.name} follows the release {wanted}: the gateway never hears of another one",
                "follow a tag, such as live",
            )


CHECKS = [volume, release]
