"""The directory of a TIFF file: tags of integers, read from the file's first page and written as its only one."""

import struct
from collections.abc import Mapping

from preprocessing.image.container import Part
from preprocessing.image.errors import InvalidImageError

Tags = dict[int, tuple[int, ...]]

_BYTE, _SHORT, _LONG, _UNDEFINED = 1, 3, 4, 7
_TYPES = {_BYTE: "B", _SHORT: "H", _LONG: "I", _UNDEFINED: "B"}
_JPEG_TABLES = 347  # the one tag of opaque bytes
_MAX_TAGS = 1000


def read(data: bytes, wanted: Mapping[int, int]) -> Tags:
    """The tags of the first directory that are `wanted`, each with at most as many values as that says."""
    order = _order(data)
    (start,) = struct.unpack_from(order + "I", data, 4)
    (entries,) = struct.unpack_from(order + "H", data, start)
    if entries > _MAX_TAGS:
        raise InvalidImageError("The TIFF has too many tags.", _MAX_TAGS, entries)
    tags: Tags = {}
    for at in range(start + 2, start + 2 + 12 * entries, 12):
        tag, kind, count = struct.unpack_from(order + "HHI", data, at)
        if tag in wanted and kind in _TYPES and tag not in tags:
            if not 0 < count <= wanted[tag]:
                raise InvalidImageError(f"The TIFF's tag {tag} has a wrong number of values.", wanted[tag], count)
            values = struct.Struct(f"{order}{count}{_TYPES[kind]}")
            where = at + 8 if values.size <= 4 else struct.unpack_from(order + "I", data, at + 8)[0]
            tags[tag] = values.unpack_from(data, where)
    return tags


def replaced(data: bytes, tags: Tags) -> bytes:
    """The file with `tags` as its only directory, behind its old end: what the tags point to stays where it is."""
    order, padding = _order(data), len(data) % 2
    start = len(data) + padding
    values_at = start + 2 + 12 * len(tags) + 4
    entries, values = [struct.pack(order + "H", len(tags))], bytearray()
    for tag, content in sorted(tags.items()):
        kind = _UNDEFINED if tag == _JPEG_TABLES else _SHORT if max(content) < 1 << 16 else _LONG
        packed = struct.pack(f"{order}{len(content)}{_TYPES[kind]}", *content)
        if len(packed) > 4:
            packed, outside = struct.pack(order + "I", values_at + len(values)), packed
            values += outside + b"\0" * (len(outside) % 2)
        entries.append(struct.pack(order + "HHI", tag, kind, len(content)) + packed.ljust(4, b"\0"))
    head: list[Part] = [data[:4], struct.pack(order + "I", start), memoryview(data)[8:], b"\0" * padding]
    return b"".join([*head, *entries, b"\0\0\0\0", values])


def _order(data: bytes) -> str:
    return "<" if data[:2] == b"II" else ">"
