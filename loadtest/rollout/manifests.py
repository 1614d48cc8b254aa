"""Rendered manifests: what they say about a Deployment, in plain values."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from loadtest.errors import LoadTestError

Object = Mapping[str, Any]
_HINT = "render the overlays (make render), or name another file: --manifests FILE"


class Manifests:
    """The objects of a file that `kubectl kustomize` or `scoring render` wrote. Its methods raise LoadTestError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._objects = _read(path)

    def deployment(self, name: str) -> Object:
        """Return the Deployment of a name."""
        return self._find("Deployment", name)

    def deployment_behind(self, service: str) -> Object:
        """Return the Deployment whose pods a Service selects."""
        selector = self._find("Service", service)["spec"].get("selector", {})
        for each in self._of_kind("Deployment"):
            labels = each["spec"]["template"]["metadata"].get("labels", {})
            if selector and selector.items() <= labels.items():
                return each
        raise LoadTestError(f"{self.path}: no Deployment has the pods that the Service {service} selects", _HINT)

    def environ(self, container: Object) -> dict[str, str]:
        """Return a container's environment, as far as it stands in the file: secrets and fields of pods do not."""
        found: dict[str, str] = {}
        for source in container.get("envFrom", []):
            if "configMapRef" in source:
                found |= self._settings(source["configMapRef"]["name"])
        for variable in container.get("env", []):
            if "value" in variable:
                found[variable["name"]] = str(variable["value"])
            elif key := variable.get("valueFrom", {}).get("configMapKeyRef"):
                found[variable["name"]] = self._settings(key["name"])[key["key"]]
        return found

    def _settings(self, config_map: str) -> dict[str, str]:
        return {name: str(value) for name, value in self._find("ConfigMap", config_map).get("data", {}).items()}

    def _find(self, kind: str, name: str) -> Object:
        for each in self._of_kind(kind):
            if each["metadata"]["name"] == name:
                return each
        raise LoadTestError(f"{self.path} holds no {kind} {name}", _HINT)

    def _of_kind(self, kind: str) -> Iterator[Object]:
        return (each for each in self._objects if each.get("kind") == kind)


def _read(path: Path) -> list[Object]:
    try:
        with path.open(encoding="utf-8") as lines:
            return [each for each in yaml.safe_load_all(lines) if isinstance(each, dict)]
    except OSError as error:
        raise LoadTestError(f"{path} cannot be read: {error.strerror}", _HINT) from None
    except UnicodeDecodeError as error:
        raise LoadTestError(f"{path} is not UTF-8 text (byte {error.start:,})", _HINT) from None
    except yaml.YAMLError as error:
        raise LoadTestError(f"{path} is no YAML: {error}", _HINT) from None
