"""Models of a repository: their configs and versions."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from doctor.files import UnreadableError, entries, folders, read_object, read_text
from doctor.repository.graph import Graph, read

CONFIG_BYTES = 1 << 20
CARD_BYTES = 1 << 20
_ONNX = "model.onnx"


@dataclass(frozen=True)
class Config:
    """A `config.pbtxt`, or one of configs/ under its name; `proto` is None, and `fault` says why, if unreadable."""

    model: "Model"
    name: str
    path: Path
    text: str = ""
    proto: Any = None
    fault: str = ""

    @property
    def backend(self) -> str:
        """The backend; older configs name a platform."""
        return str(self.proto.backend) or {"onnxruntime_onnx": "onnxruntime"}.get(self.proto.platform, "")

    @property
    def file_name(self) -> str:
        """The model file in a version's folder, as Triton looks for it."""
        return str(self.proto.default_model_filename) or ("model.xml" if self.backend == "openvino" else _ONNX)

    @property
    def on_gpu(self) -> bool:
        """Whether an instance asks for a GPU."""
        return any(group.kind == model_config_pb2.ModelInstanceGroup.KIND_GPU for group in self.proto.instance_group)

    @property
    def instances(self) -> int:
        """Instances on the CPU, one where the config says nothing."""
        groups = [group for group in self.proto.instance_group if group.kind != _GPU]
        return sum(max(group.count, 1) for group in groups) if self.proto.instance_group else 1

    def parameter(self, name: str) -> str:
        """A parameter's value; empty when it is not given."""
        return str(self.proto.parameters[name].string_value) if name in self.proto.parameters else ""


@dataclass(frozen=True)
class Version:
    """A version's folder."""

    model: "Model"
    folder: Path

    @property
    def number(self) -> int:
        """The version."""
        return int(self.folder.name)

    @property
    def onnx(self) -> Path:
        """Where its model lies."""
        return self.folder / _ONNX

    @cached_property
    def graph(self) -> Graph | None:
        """What the model file holds; None when that cannot be told."""
        try:
            return read(self.onnx)
        except UnreadableError:
            return None

    @cached_property
    def card(self) -> dict[str, Any]:
        """What model.json says; empty when it is missing or unreadable."""
        try:
            return read_object(self.folder / "model.json", CARD_BYTES)
        except UnreadableError:
            return {}


@dataclass(frozen=True)
class Model:
    """A model's folder."""

    folder: Path
    configs: list[Config] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The folder's name, which is the model's."""
        return self.folder.name

    @property
    def newest(self) -> Version | None:
        """The version that Triton serves unless told otherwise."""
        return max(self.versions, key=lambda version: version.number, default=None)

    def config(self, name: str) -> Config | None:
        """The config that Triton takes under `--model-config-name`: config.pbtxt where there is none of that name."""
        by_name = {config.name: config for config in self.configs}
        return by_name.get(name) or by_name.get("")


def models(repository: Path) -> list[Model]:
    """Return the models of a repository, by name."""
    return [_model(folder) for folder in folders(repository) if not folder.name.startswith(".")]


def _model(folder: Path) -> Model:
    model = Model(folder)
    paths = [path for path in entries(folder / "configs") if path.suffix == ".pbtxt"]
    main = folder / "config.pbtxt"
    found = [("", main)] if main.is_symlink() or main.exists() else []
    model.configs.extend(_config(model, name, path) for name, path in [*found, *((path.stem, path) for path in paths)])
    model.versions.extend(Version(model, path) for path in folders(folder) if is_version(path.name))
    return model


def is_version(name: str) -> bool:
    """Tell whether Triton takes a folder of this name for a version."""
    return name.isascii() and name.isdecimal() and not name.startswith("0") and len(name) < 19


def _config(model: Model, name: str, path: Path) -> Config:
    try:
        text = read_text(path, CONFIG_BYTES)
        proto = text_format.Parse(text, model_config_pb2.ModelConfig())
    except (UnreadableError, text_format.ParseError, ValueError, RecursionError) as error:
        return Config(model, name, path, fault=str(error))
    return Config(model, name, path, text, proto)


_GPU = model_config_pb2.ModelInstanceGroup.KIND_GPU
