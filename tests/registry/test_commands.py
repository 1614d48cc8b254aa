"""The commands: what they print, and how they end."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from registry.catalog import load_all
from registry.store import Store
from tests.registry.command import SCORING, run
from tests.registry.models import MODEL, write_model
from tests.registry.releasing import released


def test_from_push_to_roll_back(store: Store, repository: Path, tmp_path: Path) -> None:
    """What an operator does in a day: identifiers go to standard output, all else to standard error."""
    environment = {"MODELS_STORE": store.url, "MODELS_TARGET": str(tmp_path / "target")}
    pushed = run("push", "--model-repository", repository, "--tag", "live", "-m", "first", **environment)
    first = pushed.stdout.strip()
    assert (pushed.exit_code, f"live: nothing -> {first}" in pushed.stderr) == (0, True)
    assert "Traceback" not in pushed.stderr

    write_model(repository, 3)
    again = run("push", "--model-repository", repository, "--tag", "live", **environment)
    second = again.stdout.strip()
    assert f"live: {first} -> {second}\n  to go back: scoring models tag live {first}" in again.stderr

    listed = json.loads(run("list", "--format", "json", **environment).stdout)
    assert [(each["id"], each["tags"], each["models"]) for each in listed] == [
        (second, ["live"], {MODEL: [1, 2, 3]}),
        (first, [], {MODEL: [1, 2]}),
    ]
    compared = run("diff", first, "live", **environment)
    assert (compared.exit_code, compared.stdout) == (1, f"{MODEL}: version 3 added\n")
    back = run("tag", "live", first, "--expect", second, **environment)
    assert (back.exit_code, f"live: {second} -> {first}" in back.stderr) == (0, True)
    pulled = run("pull", MODELS_RELEASE="live", **environment)
    assert (pulled.exit_code, pulled.stdout.strip()) == (0, first)
    assert (tmp_path / "target" / "current" / MODEL / "2" / "model.onnx").exists()


def test_what_there_is(store: Store, repository: Path) -> None:
    """`list` has a line for each release, `show` one for each file."""
    release = released(store, repository, ["live"])
    listed = run("list", "--store", store.url).stdout
    assert f"{release}" in listed
    assert f"{MODEL} 1+2" in listed
    shown = run("show", "live", "--store", store.url).stdout
    assert f"{MODEL}/2/model.onnx" in shown
    assert f"{MODEL}/1" in shown
    assert json.loads(run("show", "live", "--store", store.url, "--format", "json").stdout)["id"] == release


@pytest.mark.parametrize("damage", ["parity.json", "model.json"])
def test_a_version_without_proof_is_pushed_on_demand_alone(store: Store, repository: Path, damage: str) -> None:
    """The refusal names it and ends with 1; --unproven takes it with a warning."""
    (repository / MODEL / "2" / damage).unlink()
    arguments = ["push", "--store", store.url, "--model-repository", repository]
    refused = run(*arguments)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert f"{MODEL}/2: " in refused.stderr
    assert load_all(store).releases == []
    taken = run(*arguments, "--unproven")
    assert (taken.exit_code, f"warning: {MODEL}/2: " in taken.stderr) == (0, True)


def test_a_version_with_other_content_is_refused(store: Store, repository: Path) -> None:
    """Two converters that both made a version 3: the second one is told so."""
    released(store, repository)
    (repository / MODEL / "2" / "model.onnx").write_bytes(b"another")
    refused = run("push", "--store", store.url, "--model-repository", repository)
    assert refused.exit_code == 1
    assert f"{MODEL}/2 has other files than in release" in refused.stderr


def test_how_verify_ends(store: Store, repository: Path) -> None:
    """With 0 when all is well, 1 and a line for each fault when not, 2 when there is nothing to look at."""
    released(store, repository)
    assert run("verify", "--store", store.url).exit_code == 0
    broken = next(Path(store.url, "files").iterdir())
    broken.write_bytes(b"x" * broken.stat().st_size)
    verdict = run("verify", "--store", store.url)
    assert (verdict.exit_code, f"({broken.parent.name}/{broken.name})" in verdict.stdout) == (1, True)
    assert run("verify", "--store", f"{store.url}/nowhere").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["pull", "--release", "liv", "--target", "T"], 2, "did you mean live?"),
        (["pull", "--release", "0123456789abcdef", "--target", "T"], 2, "holds no release 0123456789abcdef"),
        (["pull", "--release", "../live", "--target", "T"], 2, "neither an id nor a tag"),
        (["follow", "--release", "../live", "--target", "T"], 2, "neither an id nor a tag"),
        (["tag", "Live", "live"], 2, "cannot be a tag"),
        (["tag", "live", "live", "--expect", "0123456789abcdef"], 1, "not to 0123456789abcdef"),
        (["tag", "live"], 2, "or --delete"),
        (["show", "nothing"], 2, "holds no release nothing"),
        (["push", "--model-repository", "nowhere"], 2, "nowhere: No such file"),
        (["prune", "--protect", "nothing"], 2, "holds no release nothing"),
    ],
)
def test_failures_are_two_lines(
    store: Store, repository: Path, tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    """What is wrong and what to do about it, with the exit code that the help names."""
    released(store, repository, ["live"])
    target = [str(tmp_path / "target") if each == "T" else each for each in arguments]
    done = run(*target, "--store", store.url)
    assert (done.exit_code, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_pull_waits_for_a_release(store: Store, repository: Path, tmp_path: Path) -> None:
    """With --wait, a pod that starts before the first push gets it when it comes; it says what it waits for."""
    arguments = ["pull", "--store", store.url, "--release", "live", "--target", str(tmp_path / "target")]
    process = subprocess.Popen([SCORING, "models", *arguments, "--wait", "60"], stderr=subprocess.PIPE, text=True)
    with process:
        assert process.stderr
        waits = [process.stderr.readline() for _ in range(3)]
        release = released(store, repository, ["live"])
        said = process.stderr.read()
    assert "holds no release live" in waits[0]
    assert "again in" in waits[2]
    assert process.returncode == 0
    assert f"current is {release}" in said


def test_pruning_is_said_first_and_done_on_demand(store: Store, repository: Path) -> None:
    """Without --yes nothing is deleted."""
    old = released(store, repository)
    write_model(repository, 3)
    released(store, repository)
    os.utime(Path(store.url) / "releases" / f"{old}.json", (0, 0))
    arguments = ["prune", "--store", store.url, "--keep", "1"]
    said = run(*arguments)
    assert (said.stdout, "to delete with --yes: 1 release, " in said.stderr) == (f"{old}\n", True)
    assert len(load_all(store).releases) == 2
    assert "deleted: 1 release, " in run(*arguments, "--yes").stderr
    assert len(load_all(store).releases) == 1


def test_a_log_for_programs(store: Store, repository: Path, tmp_path: Path) -> None:
    """`follow` writes one JSON object a line, and ends with 0 at SIGTERM."""
    release = released(store, repository, ["live"])
    arguments = ["follow", "--store", store.url, "--release", "live", "--target", str(tmp_path / "target")]
    command = [SCORING, "models", *arguments, "--interval", "0.1", "--log-format", "json"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        lines = [json.loads(process.stderr.readline()) for _ in range(2)]
        process.terminate()
        process.communicate()
    assert [(line["event"], line["release"]) for line in lines] == [("pulling", release), ("switched", release)]
    assert process.returncode == 0
