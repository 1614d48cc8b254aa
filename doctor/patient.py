"""All that is examined, read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from doctor.manifests.documents import Manifests
from doctor.repository.model import Config, Model, Version
from doctor.target import Target


@dataclass(frozen=True)
class Patient:
    """A model repository, the gateway's environment, and rendered manifests if there are any.

    `config_name` is what Triton is told with --model-config-name; None stands for every config, each on its own.
    """

    repository: Path
    models: Sequence[Model]
    target: Target
    config_name: str | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    manifests: Manifests | None = None

    @cached_property
    def configs(self) -> list[Config]:
        """The configs that are looked at and can be read."""
        return [config for config in self.all_configs if config.proto is not None]

    @cached_property
    def all_configs(self) -> list[Config]:
        """The same with those that cannot."""
        if self.config_name is None:
            return [config for model in self.models for config in model.configs]
        return self.chosen(self.config_name)

    @cached_property
    def versions(self) -> list[Version]:
        """All versions of all models."""
        return [version for model in self.models for version in model.versions]

    def chosen(self, config_name: str) -> list[Config]:
        """The config that each model takes under a name."""
        found = (model.config(config_name) for model in self.models)
        return [config for config in found if config is not None]

    def model(self, name: str) -> Model | None:
        """A model of the repository by its name."""
        return next((model for model in self.models if model.name == name), None)
