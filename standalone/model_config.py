"""Read a model's Triton config as Triton will: which file counts, and what it says."""

from pathlib import Path
from typing import Any

from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

_GPU = "KIND_GPU"


def names(model: Path) -> list[str]:
    """Return the names that `--model-config-name` can take for a model: of configs/NAME.pbtxt."""
    return sorted(path.stem for path in (model / "configs").glob("*.pbtxt"))


def read(model: Path, name: str) -> Any:
    """Return the config that counts under a config name: configs/NAME.pbtxt, or config.pbtxt where that is missing.

    What cannot be parsed gives an empty config: Triton will refuse the model and say why.
    """
    named = model / "configs" / f"{name}.pbtxt"
    path = named if name and named.is_file() else model / "config.pbtxt"
    try:
        return text_format.Parse(path.read_text(), model_config_pb2.ModelConfig(), allow_unknown_field=True)
    except (OSError, UnicodeDecodeError, text_format.ParseError):
        return model_config_pb2.ModelConfig()


def needs_gpu(config: Any) -> bool:
    """Tell whether a config asks for an instance on a GPU."""
    kinds = model_config_pb2.ModelInstanceGroup.Kind
    return any(kinds.Name(group.kind) == _GPU for group in config.instance_group)
