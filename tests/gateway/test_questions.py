"""The rules of a FAQ request."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import InvalidFieldError
from gateway.questions import FaqQuery, Limits, canonical_texts
from preprocessing.text import canonical

LIMITS = Limits(questions=3, question_length=30, top_k=5)


# Lone surrogates too: they have no UTF-8 form, and no decoder lets them through, but nothing may hang on that.
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


@given(ANY_TEXT)
def test_any_text_is_canonical_or_refused(text: str) -> None:
    """Whatever the text, the model gets its canonical form in UTF-8, or the client an error."""
    query = FaqQuery(text, None, 1)
    if len(text) > LIMITS.question_length or "\0" in text or not canonical(text):
        with pytest.raises(InvalidFieldError, match=r"^question "):
            canonical_texts(query, LIMITS)
    else:
        assert canonical_texts(query, LIMITS) == [canonical(text).encode()]


@given(st.lists(ANY_TEXT, max_size=5), st.integers(-1, 7))
def test_any_list_is_taken_whole_or_refused(questions: list[str], top_k: int) -> None:
    """A list gives one text for each question, or an error: nothing is dropped in silence."""
    query = FaqQuery(None, questions, top_k)
    usable = [canonical(text) for text in questions if len(text) <= LIMITS.question_length and "\0" not in text]
    if (
        1 <= top_k <= LIMITS.top_k
        and 1 <= len(questions) <= LIMITS.questions
        and len(questions) == len([*filter(None, usable)])
    ):
        assert canonical_texts(query, LIMITS) == [text.encode() for text in usable]
    else:
        with pytest.raises(InvalidFieldError, match=r"^(top_k|questions)"):
            canonical_texts(query, LIMITS)


@pytest.mark.parametrize(("length", "received"), [(0, "0 characters"), (1, "1 character"), (5, "5 characters")])
def test_an_empty_question_tells_its_length(length: int, received: str) -> None:
    """An error about an empty question gives its length, not its content."""
    with pytest.raises(InvalidFieldError) as caught:
        canonical_texts(FaqQuery(" " * length, None, 1), LIMITS)
    assert caught.value.received == received


@pytest.mark.parametrize(("top_k", "limit"), [(0, 1), (-(10**30), 1), (6, 5), (10**30, 5)])
def test_the_limit_that_was_passed(top_k: int, limit: int) -> None:
    """An error about top_k gives the bound that was crossed, and a number that JSON can hold."""
    with pytest.raises(InvalidFieldError) as caught:
        canonical_texts(FaqQuery("loop", None, top_k), LIMITS)
    assert caught.value.limit == limit
    assert caught.value.received in {top_k, "an integer beyond 64 bits"}
