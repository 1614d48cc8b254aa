"""Version folders: whole, and with a model that the server's ONNX Runtime reads."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from doctor.check import model_check, version_check
from doctor.files import UnreadableError, entries, folders, size
from doctor.finding import Fault, risky, wrong
from doctor.patient import Patient
from doctor.repository import graph
from doctor.repository.model import Model, Version, is_version

# The oldest ONNX Runtime that serves these files: 1.19, of Triton 24.10 (onnxruntime.ai/docs/reference/compatibility).
_ONNX_RUNTIME = "ONNX Runtime 1.19 (Triton 24.10)"
_IR_VERSION = 10
_OPSETS = {"ai.onnx": 21, "ai.onnx.ml": 5}
_AGAIN = "publish it again: scoring convert"
_STAGING = ".staging-"


@model_check("versions", "A model has a version to serve, and no remains of an interrupted publishing.")
def versions(model: Model, _: Patient) -> Iterator[Fault]:
    """Triton takes folders whose names are numbers, and no others."""
    if not model.versions:
        yield risky(
            "it has no version: Triton has nothing to serve",
            "publish one: scoring convert faq, scoring convert resnet152",
        )
    for folder in folders(model.folder):
        if folder.name.startswith(_STAGING):
            yield risky(
                f"{folder.name} is left of a publishing that was interrupted",
                "delete it, unless `scoring convert` is at work right now",
            )
        elif not (folder.name == "configs" or folder.name.startswith(".") or is_version(folder.name)):
            yield risky(
                f"Triton ignores the folder {folder.name}: a version is a number without leading zeros",
                "give it a number as its name, or move it away",
            )


@version_check("onnx-readable", "A version's model.onnx is there and whole.")
def readable(version: Version, _: Patient) -> Iterator[Fault]:
    """A server fails to load a file that was copied by half, and the openvino backend of 24.10 takes it down."""
    if not entries(version.folder):
        yield wrong("the folder is empty: Triton fails to load the model", f"delete it, or {_AGAIN}")
    elif version.graph is None and _serves_onnx(version):
        yield wrong(f"model.onnx {_reason(version)}", f"copy it again as a whole, or {_AGAIN}")


def _serves_onnx(version: Version) -> bool:
    """Whether some config, or Triton without one, would look for that file."""
    known = [config for config in version.model.configs if config.proto is not None]
    return not known or any(config.file_name == version.onnx.name for config in known)


def _reason(version: Version) -> str:
    try:
        graph.read(version.onnx)
    except UnreadableError as error:
        return str(error)
    return "was not readable a moment ago"


@version_check("onnx-version", "The server's ONNX Runtime knows the file's IR version and operator sets.")
def onnx_version(version: Version, _: Patient) -> Iterator[Fault]:
    """Newer exporters write newer versions than a server reads."""
    found = version.graph
    if found is None:
        return
    if found.ir_version > _IR_VERSION:
        yield wrong(
            f"IR version {found.ir_version} is newer than {_IR_VERSION}, the newest that {_ONNX_RUNTIME} reads",
            f"export with ir_version={_IR_VERSION}, or {_AGAIN}",
        )
    for domain, newest in _OPSETS.items():
        if found.opsets.get(domain, 0) > newest:
            yield wrong(
                f"operator set {found.opsets[domain]} of {domain} is newer than {newest}, the newest that "
                f"{_ONNX_RUNTIME} knows",
                f"export with opset_version=20, or {_AGAIN}",
            )


@version_check("external-data", "Weights outside model.onnx lie in the version's folder.")
def external_data(version: Version, _: Patient) -> Iterator[Fault]:
    """They are looked for beside the file."""
    for location in sorted(version.graph.external) if version.graph else ():
        path = PurePosixPath(location)
        if not location or path.is_absolute() or ".." in path.parts:
            yield wrong(f"its weights are to be read from {location!r}, outside the version's folder", _AGAIN)
        elif size(version.folder / path) is None:
            yield wrong(f"its weights are in {location!r}, which is missing", f"copy it beside model.onnx, or {_AGAIN}")


@version_check("precision", "The target computes in the precision of the weights.")
def precision(version: Version, patient: Patient) -> Iterator[Fault]:
    """Elsewhere numbers are converted back and forth, and the smaller model is the slower one."""
    target, kept = patient.target, version.graph.precision if version.graph else "fp32"
    supported = {"fp16": target.fp16, "int8": target.int8, "bf16": target.bf16}.get(kept, True)
    if version is version.model.newest and not supported:
        needed = {"fp16": "a GPU", "int8": "VNNI or AMX", "bf16": "AMX or AVX512-BF16"}[kept]
        yield risky(
            f"its weights are {kept}, and {target.shown} has no {needed}: it will be slower than fp32",
            f"serve it where there is {needed}, or publish another: scoring convert resnet152 --precision fp32",
        )


CHECKS = [versions, readable, onnx_version, external_data, precision]
