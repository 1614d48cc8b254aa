"""Choose which of their configs the models are served with, and say which engine that means and why."""

from collections.abc import Iterator
from dataclasses import dataclass

from standalone import engines, model_config, models, repository
from standalone.errors import SetupError
from standalone.repository import Repository

AUTO = "auto"
LOCAL_OPENVINO = "local-openvino"


@dataclass(frozen=True, slots=True)
class Choice:
    """A name for Triton's --model-config-name, "" for every model's config.pbtxt, and why it was taken."""

    name: str
    reason: str


def choose(found: Repository, asked: str, openvino: str | None) -> Choice:
    """Return the config name to serve with: the one that was asked for, or with "auto" the best for this machine.

    `openvino` is the version of that package, None when it is not installed. Raises SetupError for a name that no
    model has a config of.
    """
    offered = {name for model in found.served for name in model_config.names(found.folder / model)}
    if asked != AUTO:
        _check_offered(asked, offered)
        return Choice(asked, "as asked for")
    if LOCAL_OPENVINO not in offered:
        return Choice("", "the only one for this machine")
    if openvino is None:
        return Choice("", "faster with OpenVINO: pip install openvino")
    return Choice(LOCAL_OPENVINO, "the fastest that needs no calibration")


def messages(found: Repository, choice: Choice, *, bf16: bool) -> Iterator[str]:
    """Yield a line for each model that has several configs: its engine, its config, and why."""
    for model in found.served:
        folder = found.folder / model
        if model_config.names(folder):
            config = model_config.read(folder, choice.name)
            engine = engines.describe(config, repository.card(folder), bf16=bf16)
            named = choice.name in model_config.names(folder)
            file = f"config {choice.name}" if named else "config.pbtxt"
            yield f"{models.topic(model)}: {engine}, {file} ({choice.reason})"


def _check_offered(asked: str, offered: set[str]) -> None:
    if asked and asked not in offered:
        there = f"there are: {', '.join(sorted(offered))}" if offered else "no model has a folder configs"
        raise SetupError(f"no model has a configs/{asked}.pbtxt (--model-config-name)", there)
