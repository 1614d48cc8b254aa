"""Makes a FAQ data set out of a Stack Exchange dump (archive.org/details/stackexchange).

An entry is a question with the wanted tag that others were closed as duplicates of, with its accepted answer, else its
best scored one. `PostLinks.xml` says which posts are duplicates; `Posts.xml` holds questions and answers alike and is
read twice: once to choose, once to copy. Memory holds the ids of linked posts, never their texts.
Attributes: meta.stackexchange.com/questions/2677.
"""

import html
import re
from collections import defaultdict
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.progress import Progress

from converters.errors import DatasetError
from converters.faq.dataset_writer import DatasetTables, new_dataset
from converters.faq.dump import dump_rows
from converters.faq.records import Record

_DUPLICATE = "3"  # LinkTypeId
_QUESTION, _ANSWER = "1", "2"  # PostTypeId
_TAG = re.compile(r"[^<>|]+")  # <javascript><arrays> until 2024, |javascript|arrays| since


@dataclass(frozen=True, slots=True)
class Dump:
    """The two files of a site's dump that are read, and the tag that its originals must have."""

    posts: Path
    links: Path
    tag: str


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was written, and how many tagged originals were left out because they have no answer."""

    entries: int
    duplicates: int
    unanswered: int


def extract(dump: Dump, folder: Path, progress: Progress) -> Extraction:
    """Write the data set of a dump into a new folder.

    Raises DatasetError for files that are missing, damaged or lack attributes, when nothing is found, and when the
    folder exists or cannot be written.
    """
    with new_dataset(folder) as tables:
        originals = follow_chains(_links(dump.links, progress))
        survey = _survey(dump, set(originals.values()), progress)
        answer_of = survey.chosen_answers()
        if not answer_of:
            raise _nothing_found(dump, survey)
        duplicates = _copy(dump.posts, originals, answer_of, tables, progress)
        return Extraction(len(answer_of), duplicates, len(survey.accepted) - len(answer_of))


def follow_chains(links: Mapping[int, int]) -> dict[int, int]:
    """Return the last original of every duplicate: a duplicate's original may be a duplicate itself.

    Of posts that are duplicates of each other in a circle, the oldest (lowest id) is the original.
    """
    originals: dict[int, int] = {}
    for start in links:
        path: dict[int, None] = {}  # keeps its order
        post = start
        while post in links and post not in originals and post not in path:
            path[post] = None
            post = links[post]
        if post in path:
            circle = list(path)
            original = min(circle[circle.index(post) :])
        else:
            original = originals.get(post, post)
        originals.update(dict.fromkeys(path, original))
    return {post: original for post, original in originals.items() if post != original}


def _links(path: Path, progress: Progress) -> dict[int, int]:
    """Return the original of each duplicate; the first link counts where a post has several."""
    links: dict[int, int] = {}
    for row in dump_rows(path, progress, f"reading {path.name}"):
        if _required(row, "LinkTypeId") == _DUPLICATE:
            links.setdefault(row.integer("PostId"), row.integer("RelatedPostId"))
    if not links:
        raise DatasetError(f"{path.name} has no duplicate links", hint="is this the dump's PostLinks.xml?")
    return links


@dataclass(slots=True)
class _Survey:
    """What the first reading of the posts finds out about the originals."""

    accepted: dict[int, int] = field(default_factory=dict)  # tagged original -> id of its accepted answer, 0 for none
    others: set[int] = field(default_factory=set)  # originals without the tag: their answers need not be remembered
    answers: defaultdict[int, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))  # (score, id)
    tag_seen: bool = False

    def chosen_answers(self) -> dict[int, int]:
        """Return the id of the answer to give, for each tagged original that has answers."""
        return {
            original: self._chosen(accepted, self.answers[original])
            for original, accepted in self.accepted.items()
            if original in self.answers
        }

    def _chosen(self, accepted: int, answers: list[tuple[int, int]]) -> int:
        ids = [answer for _, answer in answers]
        # the accepted answer may have been deleted since; of equal scores, the oldest
        return accepted if accepted in ids else max(answers, key=lambda answer: (answer[0], -answer[1]))[1]


def _survey(dump: Dump, originals: Container[int], progress: Progress) -> _Survey:
    survey = _Survey()
    for row in dump_rows(dump.posts, progress, f"choosing from {dump.posts.name}"):
        kind = _required(row, "PostTypeId")
        if kind == _QUESTION:
            tagged = dump.tag in _TAG.findall(row.text("Tags"))
            survey.tag_seen |= tagged
            post = row.integer("Id")
            if post not in originals:
                continue
            if tagged and _question_text(row):
                survey.accepted[post] = row.integer("AcceptedAnswerId", default=0)
            else:
                survey.others.add(post)
        elif kind == _ANSWER:
            parent = row.integer("ParentId")
            if parent in originals and parent not in survey.others and row.text("Body").strip():
                survey.answers[parent].append((row.integer("Score", default=0), row.integer("Id")))
    return survey


def _copy(
    posts: Path, originals: Mapping[int, int], answer_of: Mapping[int, int], tables: DatasetTables, progress: Progress
) -> int:
    """Write the chosen posts to the tables; return the number of duplicates."""
    wanted_answers = set(answer_of.values())
    duplicates = 0
    for row in dump_rows(posts, progress, f"copying from {posts.name}"):
        post, kind = row.integer("Id"), _required(row, "PostTypeId")
        if kind == _ANSWER and post in wanted_answers:
            tables.answer((post, row.text("Body")))
        elif kind == _QUESTION and post in answer_of:
            tables.question((post, answer_of[post], _question_text(row), row.text("CreationDate")))
        elif kind == _QUESTION and (answer := answer_of.get(originals.get(post, 0))) and _question_text(row):
            tables.duplicate((post, answer, _question_text(row), row.text("CreationDate")))
            duplicates += 1
    return duplicates


def _question_text(row: Record) -> str:
    """Return title and body as one piece of HTML; only the body is HTML in the dump."""
    return f"{html.escape(row.text('Title'), quote=False)} {row.text('Body')}".strip()


def _required(row: Record, attribute: str) -> str:
    value = row.text(attribute)
    if not value:
        raise row.error(f"has no {attribute}", hint="are Posts.xml and PostLinks.xml of the dump named, in this order?")
    return value


def _nothing_found(dump: Dump, survey: _Survey) -> DatasetError:
    if not survey.tag_seen:
        return DatasetError(
            f"no question in {dump.posts.name} has the tag {dump.tag!r}", hint="tags are lower-case: javascript"
        )
    return DatasetError(
        f"no question in {dump.posts.name} with the tag {dump.tag!r} has both duplicates and an answer",
        hint="use both files of the same dump",
    )
