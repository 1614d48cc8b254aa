"""Labels: the committed list, and what is refused in a list."""

import hashlib
from pathlib import Path

import pytest

from converters.errors import ModelError
from converters.image import labels


def test_the_committed_list_is_imagenets() -> None:
    """1,000 classes in the sorted order of their WordNet ids, some of which are known to everyone."""
    read = labels.read()
    assert len(read.classes) == 1000
    assert labels.wnids() == sorted(labels.wnids())
    assert {place: read.classes[place][0] for place in (0, 207, 281, 417, 985, 999)} == {
        0: "n01440764",  # tench
        207: "n02099601",  # golden retriever
        281: "n02123045",  # tabby
        417: "n02782093",  # balloon
        985: "n11939491",  # daisy
        999: "n15075141",  # toilet tissue
    }
    assert read.text == labels.text() == labels.FILE.read_text()
    assert read.sha256 == hashlib.sha256(labels.FILE.read_bytes()).hexdigest()


GOOD = "n00000001 one\nn00000002 two words\nn00000003 Saint Bernard\n"
REFUSED = {
    "too few": (GOOD[: GOOD.index("n00000003")], "labels.txt names 2 classes, the model has 3"),
    "too many": (GOOD + "n00000004 four\n", "labels.txt names 4 classes, the model has 3"),
    "empty": ("", "labels.txt names 0 classes, the model has 3"),
    "twice": (GOOD.replace("3 Saint", "1 Saint"), "labels.txt, line 3: n00000001 is the class of line 1 already"),
    "no label": (GOOD.replace(" one", ""), "labels.txt, line 1: 'n00000001' is not a label"),
    "blank label": (GOOD.replace(" one", " "), "line 1: 'n00000001 ' is not a label"),
    "blank line": (GOOD.replace("n00000002 two words", ""), "line 2: '' is not a label"),
    "short wnid": (GOOD.replace("n00000002", "n0000002"), "line 2: 'n0000002 two words' is not a label"),
    "tabs": (GOOD.replace("2 two", "2\ttwo"), "line 2: 'n00000002\\ttwo words' is not a label"),
    "control characters": (GOOD.replace("two words", "two\x1bwords"), "line 2: 'n00000002 two\\x1bwords' is not"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_bad_lists(case: str, tmp_path: Path) -> None:
    """The error names the line, or both numbers of classes."""
    content, message = REFUSED[case]
    path = tmp_path / "labels.txt"
    path.write_text(content)
    with pytest.raises(ModelError) as caught:
        labels.read(path, width=3)
    assert message in str(caught.value)


def test_reads_a_good_list(tmp_path: Path) -> None:
    """Labels may have several words."""
    path = tmp_path / "labels.txt"
    path.write_text(GOOD)
    assert labels.read(path, width=3).classes[1] == ("n00000002", "two words")
    with pytest.raises(ModelError, match="the model has 1,000"):
        labels.read(path)


def test_refuses_what_is_no_text(tmp_path: Path) -> None:
    """Missing, or not UTF-8."""
    with pytest.raises(ModelError, match="No such file"):
        labels.read(tmp_path / "labels.txt")
    (tmp_path / "labels.txt").write_bytes(b"n00000001 caf\xe9\n")
    with pytest.raises(ModelError, match="not UTF-8"):
        labels.read(tmp_path / "labels.txt")
