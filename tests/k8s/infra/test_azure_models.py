"""What k8s/infra asks of Azure exists there: compared with a table derived from the models of Azure's own packages."""

import json
import re
from typing import Any

import pytest

from tests.k8s.infra.bicep import INFRA, Resource, names, objects, resources
from tests.k8s.infra.derive import TABLE

TYPES: dict[str, Any] = json.loads(TABLE.read_text("utf-8"))["types"]
_NOT_MODELLED = {"Microsoft.Insights/diagnosticSettings@2021-05-01-preview"}
_OF_BICEP = {"parent", "scope", "name", "resources"}
_DERIVE = "python -m tests.k8s.infra.derive adds what is new (its docstring says how)"


def test_every_type_is_known() -> None:
    """The table knows each type of resource in the version that is used, and no others."""
    assert {each.type for each in resources()} == TYPES.keys() | _NOT_MODELLED, _DERIVE


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_names_are_those_of_azure(kind: str) -> None:
    """Every property that is set has a name that Azure knows at that place."""
    for resource in resources():
        if resource.type == kind:
            for path, written in objects(resource):
                known = set(TYPES[kind]["names"].get(path, ()))
                assert known, f"{resource}: {path}: {_DERIVE}"
                extra = _OF_BICEP if not path else set()
                assert "*" in known or written.keys() <= known | extra, f"{resource}: {path}"


def test_values_are_those_of_azure() -> None:
    """Every text that is written where Azure has a list of values is one of them."""
    wrong = [problem for resource in resources() for problem in _foreign(resource)]
    assert wrong == []


def _foreign(resource: Resource) -> list[str]:
    allowed = TYPES.get(resource.type, {}).get("values", {})
    known = names(resource.file)
    return [
        f"{resource}: {path}.{name}: {value}"
        for path, written in objects(resource)
        for name, value in written.items()
        if (values := allowed.get(f"{path}.{name}".lstrip(".")))
        if isinstance(value, str) and value not in {*values, *known} and "${" not in value
    ]


def test_a_type_has_one_version() -> None:
    """All resources of a provider's part have the same API version, which is a date."""
    versions: dict[str, set[str]] = {}
    for path in INFRA.rglob("*.bicep"):
        for kind, version in re.findall(r"'(Microsoft\.[\w./]+)@([^']+)'", path.read_text("utf-8")):
            assert re.fullmatch(r"20\d\d-\d\d-\d\d(-preview)?", version), kind
            versions.setdefault("/".join(kind.split("/")[:2]), set()).add(version)
    assert {kind: found for kind, found in versions.items() if len(found) > 1} == {}
