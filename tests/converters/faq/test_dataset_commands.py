"""The `scoring dataset` commands as a user meets them."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from converters.faq.dataset import Duplicate, Entry, FaqDataset, load_dataset, load_duplicates
from converters.faq.dataset_commands import app
from converters.faq.dataset_writer import write_dataset

POSTS = """<posts>
  <row Id="1" PostTypeId="1" AcceptedAnswerId="3" Title="How?" Body="&lt;p&gt;so&lt;/p&gt;" Tags="|javascript|" />
  <row Id="2" PostTypeId="1" Title="And how?" Body="&lt;p&gt;what&lt;/p&gt;" Tags="|javascript|" />
  <row Id="3" PostTypeId="2" ParentId="1" Score="1" Body="&lt;p&gt;Thus.&lt;/p&gt;" />
</posts>"""
LINKS = '<postlinks><row Id="9" PostId="2" RelatedPostId="1" LinkTypeId="3" /></postlinks>'


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return the folder of a data set with 3 questions of 10 duplicates each."""
    entries = tuple(Entry(n, 100 + n, f"What is thing {n}?", "It is.") for n in range(3))
    duplicates = tuple(Duplicate(200 + n, 100 + n % 3, f"thing {n % 3} in words {n}") for n in range(30))
    write_dataset(tmp_path / "data", FaqDataset(entries, duplicates))
    return tmp_path / "data"


def test_stackexchange_makes_a_data_set(tmp_path: Path) -> None:
    """The command reads both files and says how much it found."""
    (tmp_path / "Posts.xml").write_text(POSTS)
    (tmp_path / "PostLinks.xml").write_text(LINKS)
    out = tmp_path / "out"
    result = _run(
        "stackexchange", "--posts", tmp_path / "Posts.xml", "--links", tmp_path / "PostLinks.xml", "--out", out
    )
    assert result.exit_code == 0, result.output
    assert "1 questions with answers, 1 duplicates" in result.stdout
    assert len(load_dataset(out).duplicates) == 1


def test_prepare_writes_training_and_test_duplicates(data: Path, tmp_path: Path) -> None:
    """The test share goes to test.tsv, the rest to duplicates.tsv."""
    result = _run("prepare", "--data", data, "--out", tmp_path / "out", "--test-share", 0.3)
    assert result.exit_code == 0, result.output
    assert "3 of 3 questions; of 30 duplicates 21 for training, 9 for testing" in result.stdout
    dataset = load_dataset(tmp_path / "out")
    assert len(dataset.duplicates) == 21
    assert len(load_duplicates(tmp_path / "out" / "test.tsv", dataset)) == 9


def test_prepare_without_options_copies(data: Path, tmp_path: Path) -> None:
    """No rule is on by default."""
    assert _run("prepare", "--data", data, "--out", tmp_path / "out").exit_code == 0
    assert load_dataset(tmp_path / "out") == load_dataset(data)
    assert not (tmp_path / "out" / "test.tsv").exists()


def test_options_override_the_preset(data: Path, tmp_path: Path) -> None:
    """The preset of 2019 leaves nothing of short questions unless its minima are lowered; the rest of it stays on."""
    arguments = ("prepare", "--data", data, "--preset", "2019")
    result = _run(*arguments, "--out", tmp_path / "none")
    assert result.exit_code == 2
    assert "none of 3 questions is left" in result.stderr
    (data / "duplicates.tsv").write_text((data / "duplicates.tsv").read_text() + "500\t999\torphan\t\n")
    result = _run(*arguments, "--min-length", 0, "--min-duplicates", 10, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "left out inconsistent rows: 1 findings" in result.stderr
    assert "24 for training, 6 for testing" in result.stdout


def test_show_counts_and_measures(data: Path) -> None:
    """The table gives counts and the smallest, middle and largest sizes."""
    result = _run("show", "--data", data)
    assert result.exit_code == 0, result.output
    rows = {line.split("│")[1].strip(): line.split("│")[2:-1] for line in result.stdout.splitlines() if "│" in line}
    assert [cell.strip() for cell in rows["duplicates per question"]] == ["3", "10", "10", "10"]
    assert [cell.strip() for cell in rows["answer: characters"]] == ["3", "6", "6", "6"]


def test_show_takes_a_data_set_without_duplicates(tmp_path: Path) -> None:
    """A FAQ that nobody has asked about yet is a data set."""
    write_dataset(tmp_path / "new", FaqDataset((Entry(1, 2, "What?", "That."),), ()))
    assert _run("show", "--data", tmp_path / "new").exit_code == 0


@pytest.mark.parametrize("command", ["show", "prepare"])
def test_bad_data_is_one_line_and_a_hint(data: Path, tmp_path: Path, command: str) -> None:
    """A refused data set ends with exit code 2, one error line, one hint line, and nothing written."""
    (data / "answers.tsv").unlink()
    result = _run(command, "--data", data, *(["--out", tmp_path / "out"] if command == "prepare" else []))
    assert result.exit_code == 2
    error, hint = result.stderr.splitlines()
    assert error.startswith("error: ")
    assert "holds no answers.tsv" in error
    assert hint.startswith("hint: ")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_an_existing_folder_is_not_overwritten(data: Path) -> None:
    """Writing over the input is refused."""
    before = load_dataset(data)
    result = _run("prepare", "--data", data, "--out", data)
    assert result.exit_code == 2
    assert "exists already" in result.stderr
    assert load_dataset(data) == before


def test_a_full_disk_leaves_nothing_behind(data: Path, tmp_path: Path) -> None:
    """When the system takes no more bytes, the command says so and removes what it began."""

    def limit_file_size() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    code = "import sys; from converters.faq.dataset_commands import app; app(sys.argv[1:])"
    result = subprocess.run(
        [sys.executable, "-B", "-c", code, "prepare", "--data", str(data), "--out", str(tmp_path / "out")],
        preexec_fn=limit_file_size,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2, result.stderr
    assert result.stderr.startswith(f"error: cannot write {tmp_path / 'out'}: File too large\nhint: ")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
