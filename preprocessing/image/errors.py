"""What can be wrong with a picture.

::

    ImageError(ValueError)
    ├── NotAnImageError       the content is of no accepted format (SVG, PDF, HEIC, text ...)
    ├── WrongFormatError      the content is of another format than the declared media type
    ├── ImageTooLargeError    more bytes than allowed
    └── InvalidImageError     empty, truncated, damaged, too many pixels, too narrow, of a kind that is not decoded
"""


class ImageError(ValueError):
    """A picture that cannot be classified.

    `reason` is one sentence without anything that the client sent; `limit` and `received` say what was allowed and what
    came, where both can be named.
    """

    def __init__(self, reason: str, limit: int | str | None = None, received: int | str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.limit = limit
        self.received = received


class NotAnImageError(ImageError):
    """The content is of no format on the allow-list."""


class WrongFormatError(ImageError):
    """The declared media type is another one than the content's."""


class ImageTooLargeError(ImageError):
    """The file has more bytes than allowed."""


class InvalidImageError(ImageError):
    """An accepted format, but this file cannot or may not be decoded."""


def truncated() -> InvalidImageError:
    """The error of a file that ends before the picture does."""
    return InvalidImageError("The image is truncated.")


def damaged(what: str) -> InvalidImageError:
    """The error of a file that contradicts itself; `what` is ours, never the file's."""
    return InvalidImageError(f"The image is damaged: {what}.")
