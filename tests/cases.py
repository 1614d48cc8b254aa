"""Requests that every protocol must treat alike, good and bad, for any FAQ model: one table for HTTP and gRPC.

The limits are the gateway's defaults. A case without a gRPC message is one that gRPC cannot express.
"""

import json
from dataclasses import dataclass
from typing import Any

from gateway.generated.scoring_pb2 import MatchFaqRequest
from gateway.settings import Settings

LIMITS = Settings()
QUESTION = "How do I loop over an array?"


@dataclass(frozen=True)
class GoodCase:
    """A request that is answered: `results` results of `matches` matches each."""

    name: str
    request: dict[str, Any]
    results: int = 1
    matches: int = 3

    @property
    def body(self) -> bytes:
        """The HTTP body."""
        return json.dumps(self.request).encode()

    @property
    def message(self) -> bytes:
        """The gRPC message."""
        return MatchFaqRequest(**self.request).SerializeToString()


@dataclass(frozen=True)
class BadCase:
    """A request that is refused: the statuses, and the field that the error names."""

    name: str
    body: bytes
    message: bytes | None
    status: int
    code: str = "INVALID_ARGUMENT"
    field: str | None = None
    content_type: str | None = "application/json"


def _both(name: str, request: dict[str, Any], field: str) -> BadCase:
    message = MatchFaqRequest(**request).SerializeToString()
    return BadCase(name, json.dumps(request).encode(), message, 422, field=field)


def _http(name: str, body: bytes | str, status: int, field: str | None = None) -> BadCase:
    return BadCase(name, body.encode() if isinstance(body, str) else body, None, status, field=field)


GOOD = [
    GoodCase("one question", {"question": QUESTION}),
    GoodCase("top_k 1", {"question": QUESTION, "top_k": 1}, matches=1),
    GoodCase("a list of one", {"questions": [QUESTION]}),
    GoodCase("a list of three", {"questions": [QUESTION, "wait for promises", QUESTION], "top_k": 2}, 3, 2),
    GoodCase("the longest list", {"questions": [QUESTION] * LIMITS.max_questions, "top_k": 1}, LIMITS.max_questions, 1),
    GoodCase("the longest question", {"question": "array " * (LIMITS.max_question_length // 6)}),
    GoodCase("one character", {"question": "x"}),
    GoodCase("HTML", {"question": "<p>How do I <b>loop</b> over &amp; sort an <code>array</code>?</p>"}),
    GoodCase("only code", {"question": "<pre><code>xs.forEach(f)</code></pre>"}),
    GoodCase("Cyrillic", {"question": "Как отсортировать массив?"}),
    GoodCase("Chinese", {"question": "如何遍历数组"}),
    GoodCase("an emoji among words", {"question": "loop 🎉 array"}),
    GoodCase("control characters", {"question": "loop\r\n\tover\x07 an array"}),
    GoodCase("a right-to-left override", {"question": "loop \u202e over"}),
]

_TOO_LONG = "a" * (LIMITS.max_question_length + 1)

BAD = [
    # The question
    _both("empty question", {"question": ""}, "question"),
    _both("white space", {"question": " \t\n\u3000"}, "question"),
    _both("no word in it", {"question": "<p> ?; </p>"}, "question"),
    _both("question too long", {"question": _TOO_LONG}, "question"),
    _both("NUL", {"question": "loop\0array"}, "question"),
    _both("neither question nor questions", {}, "question"),
    _both("both question and questions", {"question": QUESTION, "questions": [QUESTION]}, "question"),
    _http("question is a number", '{"question": 3}', 422, "question"),
    _http("question is null", '{"question": null}', 422, "question"),
    _http("question is a list", '{"question": ["a"]}', 422, "question"),
    _http("question is an object", '{"question": {"text": "a"}}', 422, "question"),
    # The list
    _http("empty list", '{"questions": []}', 422, "questions"),
    _both("an empty one in the list", {"questions": [QUESTION, " "]}, "questions[1]"),
    _both("one too long in the list", {"questions": [_TOO_LONG]}, "questions[0]"),
    _both("one too many", {"questions": ["a"] * (LIMITS.max_questions + 1)}, "questions"),
    _both("ten thousand", {"questions": ["a"] * 10_000}, "questions"),
    _http("a number in the list", '{"questions": ["a", 1]}', 422, "questions[1]"),
    _http("list is a string", '{"questions": "a"}', 422, "questions"),
    # top_k
    _both("top_k 0", {"question": QUESTION, "top_k": 0}, "top_k"),
    _both("top_k -1", {"question": QUESTION, "top_k": -1}, "top_k"),
    _both("top_k a billion", {"question": QUESTION, "top_k": 1_000_000_000}, "top_k"),
    _http("top_k 1e9", '{"question": "loop", "top_k": 1e9}', 422, "top_k"),
    _http("top_k with forty digits", f'{{"question": "loop", "top_k": {10**40}}}', 422, "top_k"),
    _http("top_k is a string", '{"question": "loop", "top_k": "3"}', 422, "top_k"),
    _http("top_k is a fraction", '{"question": "loop", "top_k": 1.5}', 422, "top_k"),
    _http("top_k is a boolean", '{"question": "loop", "top_k": true}', 422, "top_k"),
    _http("top_k is null", '{"question": "loop", "top_k": null}', 422, "top_k"),
    _http("top_k beyond any number", '{"question": "loop", "top_k": 1e999}', 422, "top_k"),
    # The body
    _http("unknown field", '{"question": "loop", "topk": 3}', 422, "topk"),
    _http("body is a list", "[]", 422, "body"),
    _http("body is null", "null", 422, "body"),
    _http("body is a string", '"loop"', 422, "body"),
    _http("no body", "", 400),
    _http("not JSON", "question=loop", 400),
    _http("single quotes", "{'question': 'loop'}", 400),
    _http("cut off", '{"question": "loop', 400),
    _http("something after it", '{"question": "loop"} {}', 400),
    _http("a byte order mark", b'\xef\xbb\xbf{"question": "loop"}', 400),
    _http("UTF-16", '{"question": "loop"}'.encode("utf-16"), 400),
    _http("a raw NUL", b'{"question": "loop\0"}', 400),
    _http("NaN", '{"question": NaN}', 400),
    _http("a lone surrogate", '{"question": "loop \\ud800 over"}', 400),
    _http("an encoded surrogate", b'{"question": "\xed\xa0\x80"}', 400),
    _http("deeply nested", '{"question": ' + "[" * 100_000, 422, "question"),
    BadCase("invalid UTF-8", b'{"question": "caf\xe9"}', b"\x0a\x04caf\xe9", 400),
    BadCase("not a message", b"\xff\xff\xff", b"\xff\xff\xff", 400),
    BadCase("body too large", b" " * (LIMITS.max_body_bytes + 1), b"\x0a" * (LIMITS.max_body_bytes + 1), 413,
            "RESOURCE_EXHAUSTED", "body"),
    BadCase("ten megabytes", b"[" * 10_000_000, b"\x0a" * 10_000_000, 413, "RESOURCE_EXHAUSTED", "body"),
    # The media type
    BadCase("plain text", b'{"question": "loop"}', None, 415, field="content-type", content_type="text/plain"),
    BadCase("a form", b"question=loop", None, 415, field="content-type",
            content_type="application/x-www-form-urlencoded"),
    BadCase("no media type", b'{"question": "loop"}', None, 415, field="content-type", content_type=None),
]  # fmt: skip
