"""`scoring doctor` as CI and people call it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from doctor.commands import app
from doctor.register import CHECKS
from tests.doctor.healthy import MANIFESTS, write_repository
from tests.doctor.planting import CONFIG, IMAGES, put, replace


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A healthy repository."""
    return write_repository(tmp_path / "models")


def run(*arguments: object) -> Result:
    """Call the command in a clean environment."""
    return CliRunner(env={"NO_COLOR": "1"}).invoke(app, [str(each) for each in arguments])


def test_exit_code_tells_healthy_from_ill(repository: Path) -> None:
    """0 when nothing is wrong, also with warnings; 1 with --strict then, and with an error."""
    command = ("--model-repository", repository, "--target", "cpu-amx")
    assert run(*command).exit_code == 0
    put(f"{IMAGES}/model.json", weights="untrained")(repository)
    assert run(*command).exit_code == 0
    assert run(*command, "--strict").exit_code == 1
    assert run(*command, "--strict", "--skip", "untrained").exit_code == 0
    replace(CONFIG, "dims: 1000", "dims: 999")(repository)
    assert run(*command).exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--model-repository", "/nowhere"], "/nowhere is not a folder"),
        (["--model-repository", ".", "--manifests", "/nowhere.yaml"], "kubectl kustomize"),
        (["--model-repository", ".", "--skip", "untrainde"], "no such check"),
        (["--target", "toaster"], "toaster"),
        (["--cores", "0"], "--cores"),
    ],
)
def test_what_cannot_run_says_so(arguments: list[str], words: str) -> None:
    """Exit code 2, a line on standard error, and no traceback."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())
    assert not result.stdout


def test_text_names_file_check_problem_and_remedy(repository: Path) -> None:
    """A finding can be acted on without looking anything up."""
    replace(CONFIG, "max_batch_size: 16", "max_batch_size: 16 default_priority: 1")(repository)
    printed = run("--model-repository", repository).stdout
    assert all(line == line.rstrip() and (len(line) <= 100 or "/" in line) for line in printed.splitlines())
    shown = " ".join(printed.split())
    for words in (str(repository / CONFIG), "ERROR config-readable", "does not parse", "do: correct it", "1 error,"):
        assert words in shown, words


def test_json_is_for_machines(repository: Path) -> None:
    """The same findings, with ids and severities."""
    replace(CONFIG, 'name: "resnet152"', 'name: "other"')(repository)
    result = run("--model-repository", repository, "--target", "cpu-amx", "--format", "json")
    found = json.loads(result.stdout)
    assert (found["healthy"], found["errors"], found["warnings"]) == (False, 1, 0)
    (finding,) = found["findings"]
    assert finding["check"] == "config-name"
    assert finding["file"] == str(repository / CONFIG)
    assert found["looked_at"]["models"] == 2
    assert found["skipped"]


def test_list_shows_every_check() -> None:
    """One line or two for each."""
    listed = run("--list")
    assert listed.exit_code == 0
    assert all(check.id in listed.stdout for check in CHECKS)


def test_settings_come_from_the_environment(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `scoring gateway` takes them."""
    monkeypatch.setenv("SCORING_DEADLINE", "never")
    result = run("--model-repository", repository)
    assert result.exit_code == 1
    assert "SCORING_DEADLINE='never'" in " ".join(result.stdout.split())


def test_manifests_come_through_a_pipe(repository: Path) -> None:
    """Kubectl kustomize FOLDER | scoring doctor --manifests -."""
    command = ("--model-repository", repository, "--target", "cpu-amx", "--manifests", "-", "--format", "json")
    result = CliRunner().invoke(app, [str(each) for each in command], input=MANIFESTS.read_text())
    assert result.exit_code == 0, result.stdout
    assert json.loads(result.stdout)["looked_at"]["manifests"] == 21
