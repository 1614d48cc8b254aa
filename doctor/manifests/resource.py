"""A Kubernetes object, as a manifest describes it."""

from dataclasses import dataclass
from typing import Any

from doctor.tree import mapping, text


@dataclass(frozen=True)
class Resource:
    """One Kubernetes object and its file."""

    file: str
    raw: dict[str, Any]

    @property
    def kind(self) -> str:
        """Its kind."""
        return text(self.raw, "kind")

    @property
    def name(self) -> str:
        """Its name."""
        return text(self.raw, "metadata", "name")

    @property
    def namespace(self) -> str:
        """Its namespace; empty where it is left to whoever applies it."""
        return text(self.raw, "metadata", "namespace")

    @property
    def spec(self) -> dict[str, Any]:
        """What is asked for."""
        return mapping(self.raw, "spec")

    def __str__(self) -> str:
        return f"{self.kind}/{self.name or '?'}"
