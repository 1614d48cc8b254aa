"""From what a client asks to what the model reads: the rules of a FAQ request, the same for every protocol."""

from collections.abc import Sequence
from typing import NamedTuple

from gateway.errors import InvalidFieldError
from preprocessing.text import canonical


class FaqQuery(NamedTuple):
    """A request as it came: exactly one of `question` and `questions` is to be given."""

    question: str | None
    questions: Sequence[str] | None
    top_k: int
    field: str = "question"  # what the protocol calls `question`

    def size(self) -> int:
        """Return how many questions it holds."""
        return (self.question is not None) + len(self.questions or ())

    def characters(self) -> int:
        """Return the length of all its questions together."""
        return len(self.question or "") + sum(map(len, self.questions or ()))


class Limits(NamedTuple):
    """What a FAQ request may contain."""

    questions: int
    question_length: int  # characters
    top_k: int


def canonical_texts(query: FaqQuery, limits: Limits) -> list[bytes]:
    """Check a query and return the canonical texts of its questions, as UTF-8.

    Raises InvalidFieldError for the first rule that the query breaks.
    """
    if not 1 <= query.top_k <= limits.top_k:
        raise InvalidFieldError(
            f"top_k must be from 1 to {limits.top_k}.",
            field="top_k",
            limit=limits.top_k if query.top_k > 0 else 1,
            received=_number(query.top_k),
        )
    if query.question is not None and query.questions is None:
        return [_canonical(query.question, query.field, limits)]
    if query.questions is None or query.question is not None:
        given = "neither" if query.questions is None else "both"
        raise InvalidFieldError(
            "Exactly one of question and questions must be given.", field="question", limit=1, received=given
        )
    count = len(query.questions)
    if not 1 <= count <= limits.questions:
        raise InvalidFieldError(
            f"questions must hold from 1 to {limits.questions} questions.",
            field="questions",
            limit=limits.questions if count else 1,
            received=count,
        )
    return [_canonical(text, f"questions[{index}]", limits) for index, text in enumerate(query.questions)]


def _canonical(question: str, field: str, limits: Limits) -> bytes:
    if len(question) > limits.question_length:
        raise InvalidFieldError(
            f"{field} must have at most {limits.question_length} characters.",
            field=field,
            limit=limits.question_length,
            received=len(question),
        )
    if "\0" in question:
        raise InvalidFieldError(f"{field} must not contain NUL characters.", field=field)
    return canonical(question).encode() or _refuse_empty(question, field)


def _refuse_empty(question: str, field: str) -> bytes:
    reason = "holds no word, once markup and links are removed" if question.strip() else "is empty"
    raise InvalidFieldError(f"{field} {reason}.", field=field, received=_characters(len(question)))


def _characters(count: int) -> str:
    return "1 character" if count == 1 else f"{count} characters"


def _number(value: int) -> int | str:
    # JSON numbers beyond 64 bits are not portable.
    return value if abs(value) < 1 << 63 else "an integer beyond 64 bits"
