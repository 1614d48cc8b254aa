"""What the service is overloaded with."""

from collections.abc import Sequence
from dataclasses import dataclass

from loadtest.faq import plan as faq
from loadtest.faq.questions import SAMPLE_FILES, http_bodies, read_questions
from loadtest.http_driver import Target, post
from loadtest.images import plan as images
from loadtest.images.pictures import photos
from loadtest.stack import Stack

FAQ, IMAGES = "faq", "images"


@dataclass(frozen=True)
class Case:
    """Requests with `batch` items each (`unit`, in the plural), and how many at a time show the most that is done.

    `crowds` are numbers of connections, tried one after the other.
    """

    name: str
    title: str
    model: str
    unit: str
    batch: int
    crowds: Sequence[int]

    def requests(self, stack: Stack) -> tuple[Target, list[bytes]]:
        """Return where the requests go, and the requests."""
        if self.name == IMAGES:
            target, bodies = images.target(stack.http_port), photos()
        else:
            target, bodies = faq.target(stack.http_port), http_bodies(read_questions(SAMPLE_FILES), self.batch)
        return target, [post(target, body) for body in bodies]


def faq_case(list_size: int = faq.LIST) -> Case:
    """Questions in lists: the model is the limit; single ones: it is the gateway, on whose cores the driver runs."""
    crowds = (32, faq.MANY, 128) if list_size == 1 else (4, 8, 16)
    asked = "single questions" if list_size == 1 else f"lists of {list_size} questions"
    return Case(FAQ, f"FAQ matching, {asked}", faq.MODEL, "questions", list_size, crowds)


def image_case() -> Case:
    """Single pictures: the model is the limit by far."""
    return Case(IMAGES, "Image classification", images.MODEL, "images", 1, (images.MANY, images.CROWD))
