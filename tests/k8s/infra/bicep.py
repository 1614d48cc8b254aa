"""The Bicep files of k8s/infra as pycep reads them. Pycep lives beside checkov, in an environment of its own."""

import json
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[3]
INFRA = ROOT / "k8s" / "infra"
PYTHON = ROOT / ".venv-policy" / "bin" / "python"
_PARSE = """
import json, pathlib, sys
from pycep import BicepParser
parser = BicepParser()
json.dump({name: parser.parse(text=pathlib.Path(name).read_text()) for name in sys.argv[1:]}, sys.stdout)
"""

Tree = dict[str, Any]


class Resource(NamedTuple):
    """A resource that a file makes: where, its type with the API version, and what it is given."""

    file: str
    name: str
    type: str
    config: Tree

    def __str__(self) -> str:
        return f"{self.file}: {self.name}"


@cache
def files() -> dict[str, Tree]:
    """Return what is in each file, by its path below k8s/infra."""
    names = sorted(str(path.relative_to(INFRA)) for path in INFRA.rglob("*.bicep"))
    done = subprocess.run([PYTHON, "-c", _PARSE, *names], cwd=INFRA, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Tree] = json.loads(done.stdout)
    return found


def resources() -> list[Resource]:
    """Return the resources of all files that are made, not those that are only looked up."""
    return [
        Resource(file, name, f"{each['type']}@{each['api_version']}", plain(each["config"]))
        for file, content in files().items()
        for name, each in content.get("resources", {}).items()
        if not each["existing"]
    ]


def plain(value: Any) -> Any:
    """What stands in a loop or behind a condition, without those."""
    while isinstance(value, dict) and {"config", "condition"} <= value.keys():
        value = value["config"]
    return value


def names(file: str) -> set[str]:
    """Return what a text in a file may refer to: pycep does not tell 'text' from name."""
    content = files()[file]
    kinds = ("parameters", "variables", "resources", "modules")
    return {name for kind in kinds for name in content.get(kind, {})} | {"each", "range", "rule", "group", "plan"}


def objects(resource: Resource) -> Iterator[tuple[str, Tree]]:
    """Yield every object of a resource with its path: 'properties.subnets'."""
    yield from _objects("", resource.config)


def _objects(path: str, value: Any) -> Iterator[tuple[str, Tree]]:
    value = plain(value)
    if isinstance(value, list):
        for each in value:
            yield from _objects(path, each)
    elif isinstance(value, dict) and (branches := _branches(value)) is not None:
        for each in branches:
            yield from _objects(path, each)
    elif isinstance(value, dict):
        written = {key.strip("'"): each for key, each in value.items() if not key.startswith("__")}
        yield path, written
        for key, each in written.items():
            yield from _objects(f"{path}.{key}".lstrip("."), each)


def _branches(value: Tree) -> list[Any] | None:
    """Both sides of a condition; nothing of other expressions; None for a plain object."""
    if "operator" in value:
        operands = value["operator"]["operands"]
        return [operands[each] for each in ("true_value", "false_value") if each in operands]
    return [] if "function" in value else None
