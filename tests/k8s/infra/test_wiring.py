"""Parameters, variables and outputs of the Bicep files lead somewhere."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest

from tests.k8s.infra.bicep import INFRA, Tree, files

FILES = sorted(str(path.relative_to(INFRA)) for path in INFRA.rglob("*.bicep"))
MODULES = [each for each in FILES if each.startswith("modules/")]
# What is no use of a name: comments, descriptions, the keys of objects.
_PROSE = re.compile(r"//.*|@description\(.*\)|^ *\w+:|[{,] *\w+:", re.MULTILINE)


def calls() -> Iterator[tuple[str, str, Tree]]:
    """Yield each use of a module: by whom and under which name, the module's file, the parameters passed."""
    for file, content in files().items():
        for name, each in content.get("modules", {}).items():
            path = INFRA / PurePosixPath(file).parent / each["detail"]["path"]
            yield f"{file}: {name}", str(path.resolve().relative_to(INFRA)), each["config"]["params"]


def test_every_file_is_found() -> None:
    """Pycep reads all Bicep files, and each module is used."""
    assert set(files()) == set(FILES)
    assert {module for _, module, _ in calls()} == set(MODULES)


@pytest.mark.parametrize("file", FILES)
def test_nothing_is_declared_in_vain(file: str) -> None:
    """Every parameter and every variable is used beyond its declaration."""
    text = _PROSE.sub("", (INFRA / file).read_text("utf-8"))
    content = files()[file]
    declared = [*content.get("parameters", {}), *content.get("variables", {})]
    assert [name for name in declared if len(re.findall(rf"\b{name}\b", text)) < 2] == []


def test_modules_get_what_they_ask_for() -> None:
    """A module is passed each of its parameters that has no default, and none that it does not have."""
    for call, module, passed in calls():
        parameters = files()[module].get("parameters", {})
        required = {name for name, each in parameters.items() if each["default"] is None}
        assert required <= passed.keys() <= parameters.keys(), call


def test_outputs_of_modules_are_used_and_exist() -> None:
    """What is read of a module is an output of it, and every output is read by someone."""
    read: dict[str, set[str]] = {module: set() for module in MODULES}
    for call, module, _ in calls():
        file, _, name = call.partition(": ")
        found = re.findall(rf"\b{name}\.outputs\.(\w+)", (INFRA / file).read_text("utf-8"))
        read[module] |= set(found)
    assert read == {module: set(files()[module].get("outputs", {})) for module in MODULES}
