"""What the six file formats have in common: a header that tells the size, and a core that holds the pixels.

Pillow never sees a file as it came. Each format's module copies out what the decoder needs and leaves metadata,
further frames and trailing bytes behind: text and colour profiles that unpack to a thousand times their size, EXIF
blocks at which Pillow warns (the process's filters decide what a warning does, and no thread can change them for
itself), pages to seek. On the way it sees whether the file is whole, which Pillow overlooks in places: it accepts a PNG
without its end or with wrong checksums, and a JPEG whose data stop early.
"""

from typing import NamedTuple, Protocol

Part = bytes | bytearray | memoryview  # what a core is joined from, without a copy of its own


class Core(NamedTuple):
    """A file cut down to one picture, and its EXIF orientation (1 to 8)."""

    data: bytes
    orientation: int = 1


class Container(Protocol):
    """A format's module. Both functions raise InvalidImageError, or IndexError or struct.error at the file's end."""

    def size(self, data: bytes) -> tuple[int, int]:
        """Width and height as the header tells them, at a cost that does not depend on the picture's size."""

    def core(self, data: bytes) -> Core:
        """The parts of the file that decoding needs; looks at every part of the container, at no pixel."""
