"""The error hierarchy and its table."""

import http

import grpc
import pytest

from gateway import errors
from gateway.errors import STATUS, InvalidFieldError, ScoringError, describe


def _subclasses(kind: type[ScoringError]) -> set[type[ScoringError]]:
    found = set(kind.__subclasses__())
    return found.union(*(_subclasses(each) for each in found))


ALL = _subclasses(ScoringError)
LEAVES = {each for each in ALL if not each.__subclasses__()}


def test_every_error_has_its_statuses() -> None:
    """Each error that can be raised is in the table, and nothing else is."""
    assert set(STATUS) == LEAVES


@pytest.mark.parametrize("status", STATUS.values(), ids=lambda status: status.slug)
def test_statuses_exist(status: errors.Status) -> None:
    """Both protocols know the statuses, and the anchor is fit for an address."""
    assert http.HTTPStatus(status.http) >= 400
    assert grpc.StatusCode[status.grpc] is not grpc.StatusCode.OK
    assert status.slug.replace("-", "").isalpha()


def test_slugs_are_unique() -> None:
    """Two errors never share a description."""
    assert len({status.slug for status in STATUS.values()}) == len(STATUS)


def test_the_hierarchy_is_drawn() -> None:
    """The tree at the head of the module shows every class."""
    assert errors.__doc__ is not None
    drawn = {word for word in errors.__doc__.split() if word.endswith("Error")}
    assert drawn == {each.__name__ for each in ALL} | {"ScoringError"}


def test_a_description_in_one_line() -> None:
    """Where an error has no structure, its text tells field, limit and what was received."""
    error = InvalidFieldError("top_k must be from 1 to 20.", field="top_k", limit=20, received=0)
    assert describe(error) == "top_k must be from 1 to 20. (field: top_k, limit: 20, received: 0)"
    assert describe(InvalidFieldError("No.")) == "No."
