"""Image requests that every protocol must treat alike, good and bad, for any model: one table for HTTP and gRPC.

The limits are the gateway's defaults. A case without a gRPC message is one that gRPC cannot express. Bodies are made
when they are sent: some are large.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.generated.scoring_pb2 import ClassifyImageRequest
from gateway.settings import Settings
from tests.pictures import BAD_PICTURES, GOOD_PICTURES, BadPicture, jpeg

LIMITS = Settings()
JPEG = jpeg()
BOUNDARY = "----8c2f0a71"
FORM = f"multipart/form-data; boundary={BOUNDARY}"
JSON = "application/json"

Part = tuple[str, bytes, str | None]  # name, content, media type


def form(*parts: Part, boundary: str = BOUNDARY) -> bytes:
    """Return a multipart/form-data body, as browsers and curl write it."""
    return b"".join([_part(*part, boundary=boundary) for part in parts]) + f"--{boundary}--\r\n".encode()


def _part(name: str, content: bytes, media_type: str | None, *, boundary: str) -> bytes:
    file = "" if media_type is None else f'; filename="photo"\r\nContent-Type: {media_type}'
    return f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + content + b"\r\n"


def base64(data: bytes) -> str:
    """Return data as JSON carries it."""
    return b64encode(data).decode()


@dataclass(frozen=True)
class GoodImageCase:
    """A request that is answered: `results` results of `classes` classes each; a list if `several`."""

    name: str
    content_type: str
    make_body: Callable[[], bytes]
    message: Callable[[], bytes] | None = None
    query: str = ""
    results: int = 1
    classes: int = 3
    several: bool = False


@dataclass(frozen=True)
class BadImageCase:
    """A request that is refused: the statuses, and the field that the error names."""

    name: str
    content_type: str | None
    make_body: Callable[[], bytes]
    status: int
    field: str | None
    message: Callable[[], bytes] | None = None
    query: str = ""

    @property
    def code(self) -> str:
        """The gRPC status."""
        return "RESOURCE_EXHAUSTED" if self.status == 413 else "INVALID_ARGUMENT"


def _message(**request: Any) -> Callable[[], bytes]:
    return lambda: ClassifyImageRequest(**request).SerializeToString()


def _json(request: dict[str, Any]) -> Callable[[], bytes]:
    return lambda: json.dumps(request).encode()


def _given(body: bytes | str) -> Callable[[], bytes]:
    return lambda: body.encode() if isinstance(body, str) else body


def _good_json(name: str, request: dict[str, Any], **expected: Any) -> GoodImageCase:
    images = {key: value for key, value in request.items() if key != "top_k"}
    encoded = {
        key: base64(value) if isinstance(value, bytes) else [*map(base64, value)] for key, value in images.items()
    }
    return GoodImageCase(name, JSON, _json(request | encoded), _message(**request), **expected)


def _good_form(name: str, *parts: Part, query: str = "", **expected: Any) -> GoodImageCase:
    return GoodImageCase(name, FORM, lambda: form(*parts), query=query, **expected)


_TOP_K_9: Part = ("top_k", b"9", None)

GOOD_FILES = [
    GoodImageCase(
        f"{each.name} ({each.media_type})",
        each.media_type or "application/octet-stream",
        _given(each.data),
        _message(image=each.data),
    )
    for each in GOOD_PICTURES
]

GOOD_REQUESTS = [
    GoodImageCase("top_k in the query", "image/jpeg", _given(JPEG), query="?top_k=1", classes=1),
    GoodImageCase("every class", "image/jpeg", _given(JPEG), query="?top_k=1000", classes=1000),
    GoodImageCase("a media type with parameters", "Image/JPEG; q=1", _given(JPEG)),
    _good_json("JSON, one", {"image": JPEG}),
    _good_json("JSON, top_k", {"image": JPEG, "top_k": 1000}, classes=1000),
    _good_json("JSON, a list of one", {"images": [JPEG]}, several=True),
    _good_json("JSON, a list of three", {"images": [JPEG] * 3, "top_k": 2}, results=3, classes=2, several=True),
    _good_json("JSON, the longest list", {"images": [JPEG] * 16, "top_k": 1}, results=16, classes=1, several=True),
    GoodImageCase(
        "JSON, top_k in the query", JSON, _json({"image": base64(JPEG)}), query="?top_k=4", classes=4
    ),
    GoodImageCase(
        "JSON with escaped slashes", JSON, lambda: _json({"image": base64(JPEG)})().replace(b"/", b"\\/")
    ),
    _good_form("form, one", ("image", JPEG, "image/jpeg")),
    _good_form("form, no media type", ("image", JPEG, None)),
    _good_form("form, any bytes", ("image", JPEG, "application/octet-stream")),
    _good_form("form, top_k", ("image", JPEG, "image/jpeg"), _TOP_K_9, classes=9),
    _good_form("form, top_k first", _TOP_K_9, ("image", JPEG, "image/jpeg"), classes=9),
    _good_form("form, top_k in the query", ("image", JPEG, "image/jpeg"), query="?top_k=9", classes=9),
    _good_form("form, a list of one", ("images", JPEG, "image/jpeg"), several=True),
    _good_form("form, the longest list", *[("images", JPEG, "image/jpeg")] * 16, _TOP_K_9, results=16, classes=9,
               several=True),
    GoodImageCase("form with a quoted boundary", 'multipart/form-data; boundary="a b"',
                  lambda: form(("image", JPEG, "image/jpeg"), boundary="a b")),
    GoodImageCase("form behind an empty line", FORM, lambda: b"\r\n" + form(("image", JPEG, "image/jpeg"))),
    GoodImageCase("form before an epilogue", FORM, lambda: form(("image", JPEG, "image/jpeg")) + b"the end"),
]  # fmt: skip

GOOD_IMAGES = [*GOOD_FILES, *GOOD_REQUESTS]


_STATUS = {"NotAnImageError": 415, "WrongFormatError": 415, "ImageTooLargeError": 413, "InvalidImageError": 422}


def _bad_raw(picture: BadPicture) -> BadImageCase:
    status, kind = _STATUS[picture.error], picture.media_type or "application/octet-stream"
    if picture.media_type == "text/plain":
        kind = "image/plain"
    field = "content-type" if status == 415 else "body"
    message = None if picture.error == "WrongFormatError" else _message(image=picture.data)
    return BadImageCase(f"{picture.name} as {kind}", kind, _given(picture.data), status, field, message)


def _bad_part(picture: BadPicture) -> BadImageCase:
    parts: list[Part] = [("images", JPEG, "image/jpeg"), ("images", picture.data, picture.media_type)]
    status = _STATUS[picture.error]
    field = "body" if status == 413 else "images[1]"
    return BadImageCase(f"{picture.name} in a form", FORM, lambda: form(*parts), status, field)


def _bad_json(name: str, request: dict[str, Any], field: str, status: int = 422) -> BadImageCase:
    return BadImageCase(name, JSON, _json(request), status, field)


def _both(name: str, request: dict[str, Any], field: str) -> BadImageCase:
    good = _good_json(name, request)
    return BadImageCase(name, JSON, good.make_body, 422, field, good.message)


def _text(name: str, body: bytes | str, status: int, field: str | None = None) -> BadImageCase:
    return BadImageCase(name, JSON, _given(body), status, field)


def _bad_form(name: str, parts: Sequence[Part], field: str | None, query: str = "") -> BadImageCase:
    return BadImageCase(name, FORM, lambda: form(*parts), 422, field, query=query)


def _broken(name: str, make_body: Callable[[], bytes], content_type: str = FORM) -> BadImageCase:
    return BadImageCase(name, content_type, make_body, 400, "body")


_IMAGE: Part = ("image", JPEG, "image/jpeg")
_B64 = base64(JPEG)
_WHOLE = form(_IMAGE)
_DELIMITER = f"--{BOUNDARY}".encode()
_LARGE = 20_000_000  # bytes; within the limit of a body

_QUERIES = {
    "0": "?top_k=0",
    "-1": "?top_k=-1",
    "1001": "?top_k=1001",
    "a billion": "?top_k=1000000000",
    "forty digits": "?top_k=" + "1" * 40,
    "a word": "?top_k=three",
    "nothing": "?top_k=",
    "a fraction": "?top_k=1.5",
    "a plus": "?top_k=%2B3",
    "a space": "?top_k=%203",
    "Arabic digits": "?top_k=%D9%A3",
    "twice": "?top_k=3&top_k=3",
}
_BASE64 = {
    "white space": _B64[:8] + " " + _B64[8:],
    "a line break": _B64[:76] + "\n" + _B64[76:],
    "a leading space": " " + _B64,
    "a missing padding": base64(b"one") + "QQ=",
    "no padding": "QQ",
    "too much padding": "QQ===",
    "padding in the middle": "QUI=QUJD",
    "a letter too many": "QUJDQ",
    "the URL-safe alphabet": "-_-_",
    "a letter with an accent": "QUJé",
    "a data URL": f"data:image/jpeg;base64,{_B64}",
}

_SHAPES = [
    _both("neither", {}, "image"),
    _both("both", {"image": JPEG, "images": [JPEG]}, "image"),
    _both("one too many", {"images": [JPEG] * (LIMITS.max_images + 1)}, "images"),
    _both("a thousand", {"images": [b""] * 1000}, "images"),
    _both("ten thousand", {"images": [b""] * 10_000}, "body"),
    _both("top_k 0", {"image": JPEG, "top_k": 0}, "top_k"),
    _both("top_k -1", {"image": JPEG, "top_k": -1}, "top_k"),
    _both("top_k 1001", {"image": JPEG, "top_k": 1001}, "top_k"),
    _both("top_k a billion", {"image": JPEG, "top_k": 1_000_000_000}, "top_k"),
    _both("an empty image", {"image": b""}, "image"),
    _both("an empty one in the list", {"images": [JPEG, b""]}, "images[1]"),
    _bad_json("empty list", {"images": []}, "images"),
    _bad_json("image is a number", {"image": 3}, "image"),
    _bad_json("image is null", {"image": None}, "image"),
    _bad_json("image is a list", {"image": [_B64]}, "image"),
    _bad_json("image is an object", {"image": {"data": _B64}}, "image"),
    _bad_json("images is a string", {"images": _B64}, "images"),
    _bad_json("a number in the list", {"images": [_B64, 1]}, "images[1]"),
    _bad_json("unknown field", {"image": _B64, "picture": 1}, "picture"),
    _bad_json("top_k is a string", {"image": _B64, "top_k": "3"}, "top_k"),
    _bad_json("top_k is a fraction", {"image": _B64, "top_k": 1.5}, "top_k"),
    _bad_json("top_k is null", {"image": _B64, "top_k": None}, "top_k"),
    _text("top_k with forty digits", f'{{"image": "{_B64}", "top_k": {10**40}}}', 422, "top_k"),
    BadImageCase("top_k in the query and in JSON", JSON, _json({"image": _B64, "top_k": 3}), 422, "top_k",
                 query="?top_k=3"),
    _bad_json("text in base64", {"image": base64(b"a text")}, "image", 415),
    _bad_json("text in base64 in the list", {"images": [_B64, base64(b"a text")]}, "images[1]", 415),
    *(BadImageCase(f"top_k: {name}", "image/jpeg", _given(JPEG), 422, "top_k", query=query)
      for name, query in _QUERIES.items()),
    BadImageCase("unknown parameter", "image/jpeg", _given(JPEG), 422, "topk", query="?topk=3"),
    BadImageCase("a hundred parameters", "image/jpeg", _given(JPEG), 422, "query", query="?" + "&".join(["a=1"] * 100)),
]  # fmt: skip

_JSON_TEXTS = [
    *(_bad_json(f"base64: {name}", {"image": text}, "image") for name, text in _BASE64.items()),
    *(_bad_json(f"base64 in a list: {name}", {"images": [_B64, text]}, "images[1]") for name, text in _BASE64.items()),
    BadImageCase("base64: megabytes of spaces", JSON, lambda: b'{"image": "%b"}' % (b" " * _LARGE), 422, "image"),
    BadImageCase("base64: megabytes without padding", JSON, lambda: b'{"image": "%b"}' % (b"A" * (_LARGE + 1)), 422,
                 "image"),
    BadImageCase("millions of empty images", JSON, lambda: b'{"images": [%b""]}' % (b'"",' * (_LARGE // 3)), 422,
                 "body", lambda: b"\x12\0" * (_LARGE // 2)),
    BadImageCase("millions of unknown fields", JSON, lambda: b'{%b"b": 0}' % (b'"a":0,' * (_LARGE // 6)), 422,
                 "body", lambda: b"\x7a\0" * (_LARGE // 2)),
    BadImageCase("millions of groups", JSON, lambda: b"[%b{}]" % (b"{}," * (_LARGE // 3)), 422, "body",
                 lambda: b"\x7b\x7c" * (_LARGE // 2)),
    BadImageCase("millions of commas", JSON, lambda: b"," * _LARGE, 400, None),
    BadImageCase("millions of brackets", JSON, lambda: b'{"image": ' + b"[" * _LARGE, 422, "image"),
    _text("no body", "", 400),
    _text("a list", "[]", 422, "body"),
    _text("null", "null", 422, "body"),
    _text("single quotes", f"{{'image': '{_B64}'}}", 400),
    _text("cut off", f'{{"image": "{_B64}', 400),
    _text("something after it", f'{{"image": "{_B64}"}} {{}}', 400),
    _text("a byte order mark", b'\xef\xbb\xbf{"image": "QUJD"}', 400),
    _text("invalid UTF-8", b'{"image": "QUJ\xff"}', 400),
    _text("a file that is no JSON", JPEG, 400),
    BadImageCase("not a message", JSON, _given(b"\xff\xff\xff"), 400, None, _given(b"\xff\xff\xff")),
]  # fmt: skip

_FORMS = [
    _bad_form("form: empty", [], "image"),
    _bad_form("form: only top_k", [_TOP_K_9], "image"),
    _bad_form("form: image and images", [_IMAGE, ("images", JPEG, "image/jpeg")], "image"),
    _bad_form("form: image twice", [_IMAGE, _IMAGE], "image"),
    _bad_form("form: one too many", [("images", JPEG, "image/jpeg")] * (LIMITS.max_images + 1), "images"),
    _bad_form("form: ten thousand parts", [("images", b"", "image/jpeg")] * 10_000, "body"),
    _bad_form("form: unknown field", [_IMAGE, ("picture", JPEG, "image/jpeg")], "picture"),
    _bad_form("form: top_k twice", [_IMAGE, _TOP_K_9, _TOP_K_9], "top_k"),
    _bad_form("form: top_k in the query too", [_IMAGE, _TOP_K_9], "top_k", "?top_k=9"),
    _bad_form("form: top_k 0", [_IMAGE, ("top_k", b"0", None)], "top_k"),
    _bad_form("form: top_k a word", [_IMAGE, ("top_k", b"nine", None)], "top_k"),
    _bad_form("form: top_k empty", [_IMAGE, ("top_k", b"", None)], "top_k"),
    _bad_form("form: top_k of megabytes", [_IMAGE, ("top_k", b"9" * _LARGE, None)], "top_k"),
    _bad_form("form: an empty file", [("image", b"", "image/jpeg")], "image"),
    BadImageCase("form: a form in the form", FORM,
                 lambda: form(("image", form(_IMAGE, boundary="inner"), "multipart/mixed; boundary=inner")), 415,
                 "image"),
    BadImageCase("form: no boundary", "multipart/form-data", _given(_WHOLE), 400, "content-type"),
    BadImageCase("form: empty boundary", 'multipart/form-data; boundary=""', _given(_WHOLE), 400, "content-type"),
    BadImageCase("form: long boundary", f"multipart/form-data; boundary={'b' * 71}", _given(_WHOLE), 400,
                 "content-type"),
    BadImageCase("form: huge content type", f"{FORM}; {'a=' * 5000}", _given(_WHOLE), 400, "content-type"),
    _broken("form: another boundary", _given(_WHOLE), "multipart/form-data; boundary=other"),
    _broken("form: no body", _given(b"")),
    _broken("form: JSON", _json({"image": _B64})),
    _broken("form: a raw image", _given(JPEG)),
    _broken("form: cut in a header", _given(_WHOLE[:40])),
    _broken("form: cut in the image", _given(_WHOLE[:300])),
    _broken("form: no last boundary", _given(_WHOLE[: -len(_DELIMITER) - 4])),
    _broken("form: bare line feeds", _given(_WHOLE.replace(b"\r\n", b"\n"))),
    _broken("form: no disposition", _given(_WHOLE.replace(b"Content-Disposition", b"X-Disposition"))),
    _broken("form: an attachment", _given(_WHOLE.replace(b"form-data;", b"attachment;"))),
    _broken("form: no name", _given(_WHOLE.replace(b" name=", b" nome="))),
    _broken("form: a name that is no UTF-8", _given(_WHOLE.replace(b'"image"', b'"\xff"'))),
    _broken("form: a header twice", _given(_WHOLE.replace(b"Content-Type", b"Content-Disposition"))),
    _broken("form: a part in base64",
            _given(_WHOLE.replace(b"Content-Type: image/jpeg", b"Content-Transfer-Encoding: base64"))),
    _broken("form: a header without a colon", _given(_WHOLE.replace(b"Content-Type:", b"Content-Type"))),
    _broken("form: a huge header", lambda: _WHOLE.replace(b"image/jpeg", b"a" * 10_000)),
    _broken("form: a header of megabytes", lambda: _WHOLE.replace(b"image/jpeg", b"a" * _LARGE)),
    _broken("form: a header's name of megabytes", lambda: _WHOLE.replace(b"Content-Type", b"a" * _LARGE)),
    _broken("form: a hundred headers", lambda: _WHOLE.replace(b"Content-Type", b"a: b\r\n" * 100 + b"Content-Type")),
    _broken("form: spaces behind a boundary",
            lambda: _WHOLE[:-4] + b" " * (_LARGE - len(_WHOLE)) + b"\r\n"),
    _broken("form: boundaries within lines",
            lambda: _WHOLE[: -len(_DELIMITER) - 6] + (b"\r\n" + _DELIMITER + b"x") * (_LARGE // 20)),
    BadImageCase("form: a million parts", FORM,
                 lambda: _WHOLE[: -len(_DELIMITER) - 6] + (b"\r\n" + _DELIMITER + b"\r\na:b\r\n\r\n") * (_LARGE // 24),
                 422, "body"),
]  # fmt: skip

_MEDIA_TYPES = [
    BadImageCase("plain text", "text/plain", _given(JPEG), 415, "content-type"),
    BadImageCase("what curl says of itself", "application/x-www-form-urlencoded", _given(JPEG), 415, "content-type"),
    BadImageCase("no media type", None, _given(JPEG), 415, "content-type"),
    BadImageCase("another multipart", f"multipart/mixed; boundary={BOUNDARY}", _given(_WHOLE), 415, "content-type"),
    BadImageCase("a video", "video/mp4", _given(JPEG), 415, "content-type"),
]

_TOO_LARGE = [
    BadImageCase(f"body too large: {kind}", kind, lambda: b" " * (LIMITS.max_image_body_bytes + 1), 413, "body")
    for kind in ("image/jpeg", FORM, JSON)
]

BAD_FILES = [*map(_bad_raw, BAD_PICTURES), *map(_bad_part, BAD_PICTURES)]

BAD_REQUESTS = [
    *_SHAPES,
    *_JSON_TEXTS,
    *_FORMS,
    *_MEDIA_TYPES,
    *_TOO_LARGE,
    BadImageCase(
        "an image too large",
        "image/jpeg",
        lambda: JPEG + b"\0" * LIMITS.max_image_bytes,
        413,
        "body",
        lambda: ClassifyImageRequest(image=JPEG + b"\0" * LIMITS.max_image_bytes).SerializeToString(),
    ),
    BadImageCase(
        "an image too large in the list",
        FORM,
        lambda: form(("images", JPEG, None), ("images", JPEG + b"\0" * LIMITS.max_image_bytes, None)),
        413,
        "images[1]",
        lambda: ClassifyImageRequest(images=[JPEG, JPEG + b"\0" * LIMITS.max_image_bytes]).SerializeToString(),
    ),
]

BAD_IMAGES = [*BAD_FILES, *BAD_REQUESTS]
