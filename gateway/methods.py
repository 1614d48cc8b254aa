"""What can be asked for over either protocol, and what that takes."""

from typing import NamedTuple

from gateway.access.client import Scope
from gateway.front_door import Method
from gateway.limits.admission import Admission


class Methods(NamedTuple):
    """The methods that score; those of the 2019 contracts share the room of the others."""

    match: Method
    classify: Method
    match_2019: Method
    classify_2019: Method

    @classmethod
    def admitted_by(cls, questions: Admission, images: Admission) -> "Methods":
        """Return the methods, with what each of them needs room in."""
        return cls(
            Method("faq.match", Scope.FAQ, questions),
            Method("images.classify", Scope.IMAGE, images),
            Method("faq.score_2019", Scope.FAQ, questions),
            Method("images.score_2019", Scope.IMAGE, images),
        )
