"""What schemathesis cannot know from the OpenAPI document: real image files, and what a model or a header allows."""

from typing import Any

import schemathesis
from hypothesis import strategies as st

from preprocessing.image import MEDIA_TYPES
from tests.pictures import encode, photo

_LONGEST = 10_000
_LARGEST_TOP_K = 5  # of the FAQ that the test serves; /v1/models says so

for _format, _media_type in MEDIA_TYPES.items():
    _files = [encode(photo(width, height), _format) for width, height in ((16, 16), (64, 48), (17, 90))]
    schemathesis.openapi.media_type(_media_type, st.sampled_from(_files))
    schemathesis.serializer.alias(_media_type, "application/octet-stream")
schemathesis.openapi.media_type("application/octet-stream", st.sampled_from([encode(photo(16, 16), "PNG")]))


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Make of a value what the rules behind the schema ask for; an empty header is none."""
    body = case.body if isinstance(case.body, dict) else {}
    if "top_k" in body and case.query:
        case.query.pop("top_k", None)  # it is given once
    if isinstance(body.get("top_k"), int | float) and body["top_k"] > _LARGEST_TOP_K:
        body["top_k"] = _LARGEST_TOP_K
    for name in ("question", "input"):
        if name in body:
            body[name] = _worded(body[name])
    if isinstance(body.get("questions"), list):
        body["questions"] = [_worded(each) for each in body["questions"]]
    if case.headers and not str(case.headers.get("Request-Timeout", "x")).strip():
        del case.headers["Request-Timeout"]


def _worded(text: Any) -> Any:
    """Return a text with a word in it: one without is refused."""
    return f"word {text}" if isinstance(text, str) and 0 < len(text) < _LONGEST else text
