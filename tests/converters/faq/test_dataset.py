"""Data sets on disk: what is read, what is refused, and with which words."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.errors import DatasetError
from converters.faq.dataset import Duplicate, Entry, FaqDataset, load_dataset, load_duplicates
from converters.faq.dataset_writer import write_dataset

QUESTIONS = (
    "Id\tAnswerId\tText0\tCreationDate\n1\t11\tHow do I sort? <p>numbers</p>\t2019-01-01\n2\t12\tWhat is this?\t\n"
)
ANSWERS = "Id\tText0\n11\t<p>sort((a, b) => a - b)</p>\n12\t<p>The receiver.</p>\n"
DUPLICATES = (
    "Id\tAnswerId\tText0\tCreationDate\n21\t12\tthis is undefined\t\n22\t11\tsort puts 10 before 9\t2019-02-02\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a small data set, to be broken by the tests."""
    (tmp_path / "questions.tsv").write_text(QUESTIONS)
    (tmp_path / "answers.tsv").write_text(ANSWERS)
    (tmp_path / "duplicates.tsv").write_text(DUPLICATES)
    return tmp_path


def test_loads_entries_with_their_answers_and_labels_of_duplicates(folder: Path) -> None:
    """Questions meet their answers; a duplicate's label is the position of its original."""
    dataset = load_dataset(folder)
    assert dataset.entries == (
        Entry(1, 11, "How do I sort? <p>numbers</p>", "<p>sort((a, b) => a - b)</p>", "2019-01-01"),
        Entry(2, 12, "What is this?", "<p>The receiver.</p>"),
    )
    assert dataset.duplicates == (
        Duplicate(21, 12, "this is undefined"),
        Duplicate(22, 11, "sort puts 10 before 9", "2019-02-02"),
    )
    assert dataset.labels_of(dataset.duplicates).tolist() == [1, 0]
    assert str(dataset.labels_of(()).dtype) == "int64"


@pytest.mark.parametrize(
    ("questions", "why"),
    [
        (QUESTIONS.replace("\n", "\r\n"), "Windows line ends"),
        ("\ufeff" + QUESTIONS, "byte order mark"),
        (QUESTIONS + "\n\n", "blank lines"),
        (
            "".join(f"{n}\t{line}" for n, line in enumerate(QUESTIONS.splitlines(keepends=True))),
            "column of row numbers",
        ),
        (QUESTIONS.split("\n", 1)[1], "no header, as the files of 2019"),
        (
            QUESTIONS.replace("\t11\t", "\t11.0\t").replace("\t12\t", "\t12.0\t"),
            "pandas' integers in a column with gaps",
        ),
    ],
    ids=lambda value: value if " " in value and len(value) < 40 else "",
)
def test_tolerates_what_other_programs_write(folder: Path, questions: str, why: str) -> None:
    """The same rows are read whatever the program that wrote the file adds around them."""
    expected = load_dataset(folder)
    (folder / "questions.tsv").write_bytes(questions.encode())
    assert load_dataset(folder) == expected, why


def test_reads_quoted_fields_and_gzip(folder: Path) -> None:
    """Quoted fields may hold tabs, newlines and doubled quotes, in a compressed file too."""
    (folder / "answers.tsv").unlink()
    quoted = 'Text0\tId\n"<pre>a\tb\n""c""</pre>"\t11\n"x\r\ny"\t12\n'
    (folder / "answers.tsv.gz").write_bytes(gzip.compress(quoted.encode()))
    assert [entry.answer for entry in load_dataset(folder).entries] == ['<pre>a\tb\n"c"</pre>', "x\r\ny"]


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(st.lists(st.tuples(_TEXTS, _TEXTS, _TEXTS), min_size=1, max_size=5))
def test_round_trip_is_exact(tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str, str]]) -> None:
    """Whatever a text holds, writing and reading gives it back."""
    entries = tuple(Entry(n, 100 + n, question, answer, "2026") for n, (question, answer, _) in enumerate(texts))
    duplicates = tuple(Duplicate(-n, 100 + n, text) for n, (_, _, text) in enumerate(texts))
    dataset, folder = FaqDataset(entries, duplicates), tmp_path_factory.mktemp("round") / "trip"
    write_dataset(folder, dataset, test=duplicates[:1])
    assert load_dataset(folder) == dataset
    assert load_duplicates(folder / "test.tsv", dataset) == duplicates[:1]


def _replaced(name: str, old: str, new: str) -> tuple[str, bytes]:
    content = {"questions": QUESTIONS, "answers": ANSWERS, "duplicates": DUPLICATES}[name]
    assert old in content
    return f"{name}.tsv", content.replace(old, new).encode()


REFUSED = {
    "missing column": (
        _replaced("questions", "AnswerId", "Answer"),
        "questions.tsv has no column 'AnswerId'; it has 'Id', 'Answer', 'Text0', 'CreationDate'",
    ),
    "column twice": (_replaced("answers", "Id\t", "Id\tId\t"), "answers.tsv has more than one column 'Id'"),
    "duplicate id": (
        _replaced("questions", "\n2\t", "\n1\t"),
        "questions.tsv, line 3: Id 1 appears twice, first on line 2",
    ),
    "duplicate answer id": (_replaced("answers", "\n12\t", "\n11\t"), "answers.tsv, line 3: Id 11 appears twice"),
    "unknown answer": (
        _replaced("questions", "\t12\t", "\t13\t"),
        "questions.tsv, line 3: AnswerId 13 of question 2 is not in the answers",
    ),
    "shared answer": (_replaced("questions", "\t12\t", "\t11\t"), "line 3: questions 1 and 2 share AnswerId 11"),
    "unknown original": (
        _replaced("duplicates", "\t12\t", "\t99\t"),
        "duplicates.tsv, line 2: AnswerId 99 is no question's (1 such duplicates)",
    ),
    "id is a word": (
        _replaced("answers", "\n12\t", "\ntwelve\t"),
        "answers.tsv, line 3: Id is 'twelve', not an integer",
    ),
    "id is empty": (_replaced("questions", "\t12\t", "\t\t"), "questions.tsv, line 3: has no AnswerId"),
    "id too large": (_replaced("answers", "\n12\t", f"\n{2**63}\t"), "not an integer"),
    "id in other digits": (_replaced("answers", "\n12\t", "\n\uff11\uff12\t"), "not an integer"),
    "empty text": (
        _replaced("duplicates", "this is undefined", "  "),
        "duplicates.tsv, line 2: Text0 of Id 21 is empty",
    ),
    "missing field": (
        _replaced("answers", "12\t<", "12 <"),
        "answers.tsv, line 3: has 1 fields where the header has 2",
    ),
    "not UTF-8": (("answers.tsv", ANSWERS.encode() + b"13\tcaf\xe9\n"), "answers.tsv, line 4: not valid UTF-8"),
    "UTF-16": (("answers.tsv", ANSWERS.encode("utf-16")), "answers.tsv, line 1: not valid UTF-8"),
    "empty file": (("duplicates.tsv", b""), "duplicates.tsv is empty"),
    "header only": (_replaced("questions", QUESTIONS[QUESTIONS.index("\n") :], "\n"), "has no questions"),
    "open quote": (_replaced("answers", "<p>The", '"<p>The'), "answers.tsv, line 3: unexpected end of data"),
    "text after quote": (_replaced("questions", "What is", '"What" is'), "questions.tsv, line 3: "),
    "huge field": (_replaced("questions", "What is this?", "x" * 200_000), "questions.tsv, line 3: field larger than"),
    "endless line": (_replaced("questions", "What is this?", "x" * 2**20), "questions.tsv, line 3: over 1048576 bytes"),
    "row before line breaks": (
        _replaced("answers", "<p>The", '"a\nb\nc"\nx\t<p>The'),
        "answers.tsv, line 6: Id is 'x'",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_bad_files_by_name_and_place(folder: Path, case: str) -> None:
    """Every way to be wrong is refused with the file, the place and the value, in one short line."""
    (name, content), message = REFUSED[case]
    (folder / name).write_bytes(content)
    with pytest.raises(DatasetError) as caught:
        load_dataset(folder)
    assert message in str(caught.value)
    assert len(str(caught.value)) <= 400
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_duplicates_without_an_original_are_counted(folder: Path) -> None:
    """The error names the first such duplicate and says how many there are."""
    (folder / "duplicates.tsv").write_text(DUPLICATES.replace("\t12\t", "\t98\t").replace("\t11\t", "\t99\t"))
    with pytest.raises(DatasetError, match=r"line 2: AnswerId 98 is no question's \(2 such duplicates\)"):
        load_dataset(folder)


@pytest.mark.parametrize("name", ["questions", "answers", "duplicates"])
def test_names_the_file_that_is_missing(folder: Path, name: str) -> None:
    """A folder without one of the three tables is refused."""
    (folder / f"{name}.tsv").unlink()
    with pytest.raises(DatasetError, match=rf"holds no {name}\.tsv or {name}\.tsv\.gz"):
        load_dataset(folder)


def test_refuses_two_versions_of_a_table(folder: Path) -> None:
    """Nobody can tell whether the plain or the compressed file is current."""
    (folder / "answers.tsv.gz").write_bytes(gzip.compress(ANSWERS.encode()))
    with pytest.raises(DatasetError, match=r"holds both answers\.tsv and answers\.tsv\.gz"):
        load_dataset(folder)


def test_refuses_what_is_no_folder(tmp_path: Path) -> None:
    """A path that does not exist is no data set."""
    with pytest.raises(DatasetError, match="is not a folder"):
        load_dataset(tmp_path / "nowhere")


def test_refuses_a_table_that_is_a_folder(folder: Path) -> None:
    """What the operating system refuses to read is reported, not raised as it is."""
    (folder / "answers.tsv").unlink()
    (folder / "answers.tsv").mkdir()
    with pytest.raises(DatasetError, match=r"cannot read .*answers\.tsv: Is a directory"):
        load_dataset(folder)


@pytest.mark.parametrize("damage", ["cut", "noise", "plain text"])
def test_refuses_a_damaged_gzip_file(folder: Path, damage: str) -> None:
    """A truncated, corrupted or falsely named compressed file is refused."""
    (folder / "answers.tsv").unlink()
    content = gzip.compress("".join([ANSWERS, *(f"{n}\tanswer {n}\n" for n in range(100, 2000))]).encode())
    damaged = {
        "cut": content[:-20],
        "noise": content[:40] + b"\xff" * 40 + content[80:],
        "plain text": ANSWERS.encode(),
    }[damage]
    (folder / "answers.tsv.gz").write_bytes(damaged)
    with pytest.raises(DatasetError, match=r"answers\.tsv\.gz is truncated or damaged"):
        load_dataset(folder)


def test_messages_do_not_repeat_long_texts(folder: Path) -> None:
    """A text that stands where an id belongs is cut short: questions are private."""
    secret = "my password is hunter2 " * 40
    (folder / "answers.tsv").write_text(f"Id\tText0\n{secret}\tx\n")
    with pytest.raises(DatasetError) as caught:
        load_dataset(folder)
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"


def test_inconsistent_rows_can_be_left_out(folder: Path) -> None:
    """With a tolerant handler the contradicting rows go, the others stay, and every finding is reported."""
    expected = load_dataset(folder)
    (folder / "questions.tsv").write_text(
        QUESTIONS + "1\t12\ttwice\t\n3\t11\tshared\t\n4\t44\tunanswered\t\n5\t12\t\t\n"
    )
    (folder / "duplicates.tsv").write_text(DUPLICATES + "22\t12\ttwice\t\n23\t99\torphan\t\n24\t98\torphan\t\n")
    findings: list[DatasetError] = []
    assert load_dataset(folder, findings.append) == expected
    assert len(findings) == 6


def test_test_files_must_fit_the_data_set(folder: Path) -> None:
    """A test question whose original is not in the data set is refused."""
    dataset = load_dataset(folder)
    (folder / "more.tsv").write_text("Id\tAnswerId\tText0\n31\t77\tfoo\n")
    with pytest.raises(DatasetError, match=r"more\.tsv, line 2: AnswerId 77 is no question's"):
        load_duplicates(folder / "more.tsv", dataset)
    with pytest.raises(DatasetError, match=r"cannot read .*absent\.tsv: No such file"):
        load_duplicates(folder / "absent.tsv", dataset)
