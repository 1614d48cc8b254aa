"""Data sets out of Stack Exchange dumps: which posts are chosen, what is refused, how much memory it takes."""

import bz2
import gzip
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from rich.progress import Progress

from converters.errors import DatasetError
from converters.faq.dataset import Duplicate, Entry, FaqDataset, load_dataset
from converters.faq.stackexchange import Dump, Extraction, extract, follow_chains

Row = Mapping[str, object]


def _xml(rows: Sequence[Row], root: str = "posts") -> str:
    lines = [
        "  <row " + " ".join(f"{name}={quoteattr(str(value))}" for name, value in row.items()) + " />" for row in rows
    ]
    return "\n".join(['<?xml version="1.0" encoding="utf-8"?>', f"<{root}>", *lines, f"</{root}>"])


def _question(post: int, accepted: int | None = None, tags: str = "<javascript><arrays>", title: str = "") -> Row:
    row = {"Id": post, "PostTypeId": 1, "Title": title or f"Title {post}", "Body": f"<p>Body {post}</p>", "Tags": tags}
    return row | {"CreationDate": "2020-01-01T00:00:00.000"} | ({"AcceptedAnswerId": accepted} if accepted else {})


def _answer(post: int, parent: int, score: int = 0, body: str = "") -> Row:
    return {"Id": post, "PostTypeId": 2, "ParentId": parent, "Score": score, "Body": body or f"<p>Answer {post}</p>"}


def _link(post: int, original: int, kind: int = 3) -> Row:
    return {"Id": 1, "PostId": post, "RelatedPostId": original, "LinkTypeId": kind}


QUIET = Progress(disable=True)


def _dump(folder: Path, posts: Sequence[Row], links: Sequence[Row], tag: str = "javascript") -> Dump:
    (folder / "Posts.xml").write_text(_xml(posts), encoding="utf-8-sig")  # real dumps begin with a byte order mark
    (folder / "PostLinks.xml").write_text(_xml(links, "postlinks"))
    return Dump(folder / "Posts.xml", folder / "PostLinks.xml", tag)


def _extracted(folder: Path, posts: Sequence[Row], links: Sequence[Row]) -> FaqDataset:
    extract(_dump(folder, posts, links), folder / "out", QUIET)
    return load_dataset(folder / "out")


def test_takes_tagged_originals_their_answer_and_their_duplicates(tmp_path: Path) -> None:
    """An original with the tag is an entry; its duplicates come along whatever their tags; all else stays out."""
    posts = [
        _question(1, accepted=11, title="How to print a < b && c?"),
        _question(2, accepted=12, tags="<python>"),
        _question(3, accepted=13),
        _question(4, tags="<python>"),
        _question(5),
        _answer(11, 1, body="<p>Like\nthis.\t</p>"),
        _answer(12, 2),
        _answer(13, 3),
    ]
    dump = _dump(tmp_path, posts, [_link(4, 1), _link(5, 2), _link(3, 1, kind=1)])
    assert extract(dump, tmp_path / "out", QUIET) == Extraction(entries=1, duplicates=1, unanswered=0)
    question = "How to print a &lt; b &amp;&amp; c? <p>Body 1</p>"
    dataset = load_dataset(tmp_path / "out")
    assert dataset.entries == (Entry(1, 11, question, "<p>Like\nthis.\t</p>", "2020-01-01T00:00:00.000"),)
    assert dataset.duplicates == (Duplicate(4, 11, "Title 4 <p>Body 4</p>", "2020-01-01T00:00:00.000"),)


def test_tags_are_compared_whole_in_both_formats(tmp_path: Path) -> None:
    """Dumps since 2024 separate tags with bars; a longer tag is another tag."""
    posts = [
        _question(1, tags="|javascript|dom|"),
        _question(2, tags="|javascript-framework|"),
        _question(3, tags="<javascript-framework>"),
        *(_answer(10 + n, n) for n in (1, 2, 3)),
        *(_question(20 + n) for n in (1, 2, 3)),
    ]
    assert [entry.id for entry in _extracted(tmp_path, posts, [_link(20 + n, n) for n in (1, 2, 3)]).entries] == [1]


@pytest.mark.parametrize(
    ("accepted", "answers", "chosen"),
    [
        (12, [_answer(11, 1, 9), _answer(12, 1, -1)], 12),
        (None, [_answer(11, 1, 3), _answer(12, 1, 9), _answer(13, 1, 9)], 12),
        (99, [_answer(11, 1, 3), _answer(12, 1, 4)], 12),
        (12, [_answer(11, 1), _answer(12, 1, 9, body=" ")], 11),
        (None, [_answer(11, 1, -5)], 11),
    ],
    ids=["accepted", "best scored, oldest first", "accepted was deleted", "accepted is empty", "below zero"],
)
def test_chooses_the_accepted_else_the_best_scored_answer(
    tmp_path: Path, accepted: int | None, answers: Sequence[Row], chosen: int
) -> None:
    """One answer is given per entry, wherever it stands in the file."""
    question = _question(1, accepted=accepted)
    for name, posts in (("after", [question, *answers]), ("before", [*answers, question])):
        (tmp_path / name).mkdir()
        dataset = _extracted(tmp_path / name, [*posts, _question(50)], [_link(50, 1)])
        assert dataset.entries[0].answer_id == chosen
        assert dataset.duplicates[0].answer_id == chosen


def test_originals_without_an_answer_are_counted(tmp_path: Path) -> None:
    """A question that nobody answered cannot be an entry; its duplicates go with it."""
    posts = [_question(1), _question(2), _answer(12, 2), _question(21), _question(22)]
    found = extract(_dump(tmp_path, posts, [_link(21, 1), _link(22, 2)]), tmp_path / "out", QUIET)
    assert found == Extraction(entries=1, duplicates=1, unanswered=1)


@pytest.mark.parametrize(
    ("links", "originals"),
    [
        ({2: 1, 3: 2, 4: 3}, {2: 1, 3: 1, 4: 1}),
        ({4: 3, 3: 2, 2: 1}, {2: 1, 3: 1, 4: 1}),
        ({5: 7, 7: 6, 6: 5, 9: 7}, {7: 5, 6: 5, 9: 5}),
        ({1: 1, 2: 1}, {2: 1}),
        ({n: n - 1 for n in range(1, 50_000)}, dict.fromkeys(range(1, 50_000), 0)),
    ],
    ids=["chain", "chain, backwards", "circle with a tail", "own duplicate", "very long chain"],
)
def test_chains_end_at_one_original(links: dict[int, int], originals: dict[int, int]) -> None:
    """A duplicate of a duplicate belongs to the last original; of a circle, the oldest post is the original."""
    assert follow_chains(links) == originals


def test_a_post_with_several_originals_belongs_to_the_first(tmp_path: Path) -> None:
    """One duplicate is never written twice."""
    posts = [_question(1), _question(2), _answer(11, 1), _answer(12, 2), _question(3)]
    dataset = _extracted(tmp_path, posts, [_link(3, 2), _link(3, 1)])
    assert [(duplicate.id, duplicate.answer_id) for duplicate in dataset.duplicates] == [(3, 12)]


@pytest.mark.parametrize(("suffix", "compress"), [(".gz", gzip.compress), (".bz2", bz2.compress)])
def test_reads_compressed_dumps(tmp_path: Path, suffix: str, compress: Callable[[bytes], bytes]) -> None:
    """A compressed file gives what the plain one gives; a truncated one is refused."""
    dump = _dump(tmp_path, [_question(1), _answer(11, 1), _question(2)], [_link(2, 1)])
    content = compress(dump.posts.read_bytes())
    packed = tmp_path / f"Posts.xml{suffix}"
    packed.write_bytes(content)
    assert extract(Dump(packed, dump.links, "javascript"), tmp_path / "out", QUIET).duplicates == 1
    packed.write_bytes(content[:-12])
    with pytest.raises(DatasetError, match="truncated or damaged"):
        extract(Dump(packed, dump.links, "javascript"), tmp_path / "other", QUIET)


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE posts [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + ']><posts><row Id="1" PostTypeId="1" Body="&j;" /></posts>'
)
EXTERNAL = '<!DOCTYPE posts SYSTEM "file:///etc/passwd"><posts></posts>'
GOOD_POSTS = _xml([_question(1), _answer(11, 1), _question(2)])
GOOD_LINKS = _xml([_link(2, 1)], "postlinks")

REFUSED = {
    "entity bomb": (BOMB, GOOD_LINKS, "Posts.xml has a document type declaration"),
    "external entity": (EXTERNAL, GOOD_LINKS, "Posts.xml has a document type declaration"),
    "bomb in the links": (GOOD_POSTS, BOMB, "PostLinks.xml has a document type declaration"),
    "truncated": (GOOD_POSTS.removesuffix("</posts>"), GOOD_LINKS, "Posts.xml: no element found after row"),
    "cut in a row": (GOOD_POSTS[:-80], GOOD_LINKS, "Posts.xml: unclosed token after row"),
    "not XML": ("Id,PostTypeId\n1,1\n", GOOD_LINKS, "Posts.xml: "),
    "empty": ("", GOOD_LINKS, "Posts.xml: no element found"),
    "not UTF-8": (GOOD_POSTS.replace("Body 1", "caf\udce9"), GOOD_LINKS, "Posts.xml: not well-formed (invalid token)"),
    "no id": (GOOD_POSTS.replace('row Id="1"', "row"), GOOD_LINKS, "Posts.xml, row 1: has no Id"),
    "no type": (GOOD_POSTS.replace("PostTypeId", "Type"), GOOD_LINKS, "Posts.xml, row 1: has no PostTypeId"),
    "no parent": (GOOD_POSTS.replace("ParentId", "Parent"), GOOD_LINKS, "Posts.xml, row 2: has no ParentId"),
    "odd score": (GOOD_POSTS.replace('Score="0"', 'Score="+"'), GOOD_LINKS, "row 2: Score is '+', not an integer"),
    "no related post": (
        GOOD_POSTS,
        GOOD_LINKS.replace("RelatedPostId", "Related"),
        "PostLinks.xml, row 1: has no RelatedPostId",
    ),
    "files swapped": (GOOD_LINKS, GOOD_POSTS, "PostLinks.xml, row 1: has no LinkTypeId"),
    "no duplicates": (GOOD_POSTS, GOOD_LINKS.replace('LinkTypeId="3"', 'LinkTypeId="1"'), "has no duplicate links"),
    "no such tag": (
        GOOD_POSTS.replace("javascript", "java"),
        GOOD_LINKS,
        "no question in Posts.xml has the tag 'javascript'",
    ),
    "nothing answered": (
        GOOD_POSTS.replace('ParentId="1"', 'ParentId="9"'),
        GOOD_LINKS,
        "has both duplicates and an answer",
    ),
    "endless row": (
        GOOD_POSTS.replace("Body 1", "x" * 6_000_000),
        GOOD_LINKS,
        "Posts.xml has a row of over 4194304 bytes",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_bad_dumps_and_writes_nothing(tmp_path: Path, case: str) -> None:
    """Every way to be wrong is refused with the file and the row; no folder appears."""
    posts, links, message = REFUSED[case]
    (tmp_path / "Posts.xml").write_text(posts, errors="surrogateescape")
    (tmp_path / "PostLinks.xml").write_text(links)
    with pytest.raises(DatasetError) as caught:
        extract(Dump(tmp_path / "Posts.xml", tmp_path / "PostLinks.xml", "javascript"), tmp_path / "out", QUIET)
    assert message in str(caught.value)
    assert caught.value.hint
    assert {path.name for path in tmp_path.iterdir()} == {"PostLinks.xml", "Posts.xml"}


def test_names_the_dump_file_that_is_missing(tmp_path: Path) -> None:
    """A wrong path is refused with the reason of the operating system and a hint about the archive."""
    with pytest.raises(DatasetError, match=r"cannot read .*PostLinks\.xml: No such file") as caught:
        extract(Dump(tmp_path / "Posts.xml", tmp_path / "PostLinks.xml", "javascript"), tmp_path / "out", QUIET)
    assert "7z" in caught.value.hint


def test_memory_does_not_grow_with_the_dump(tmp_path: Path) -> None:
    """A dump of 80 MB is read in a few MB: only ids of linked posts are remembered."""
    body = "<p>" + "some words about code and more " * 120
    with (tmp_path / "Posts.xml").open("w") as file:
        file.write("<posts>\n")
        for post in range(1, 20_000, 2):
            file.write(
                f'  <row Id="{post}" PostTypeId="1" Title="T" Tags="&lt;javascript&gt;" Body={quoteattr(body)} />\n'
            )
            file.write(f'  <row Id="{post + 1}" PostTypeId="2" ParentId="{post}" Body={quoteattr(body)} />\n')
        file.write("</posts>\n")
    size = (tmp_path / "Posts.xml").stat().st_size
    (tmp_path / "PostLinks.xml").write_text(_xml([_link(post + 2, 1) for post in range(1, 2001, 2)], "postlinks"))
    tracemalloc.start()
    found = extract(Dump(tmp_path / "Posts.xml", tmp_path / "PostLinks.xml", "javascript"), tmp_path / "out", QUIET)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.duplicates == 1000
    assert peak < size / 10
