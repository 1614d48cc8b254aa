"""The contract of the 2019 image service."""

import json
from typing import Any

import httpx
import msgspec
import pytest

from gateway.schema import Problem
from tests.gateway.fake_triton import FakeTriton
from tests.gateway.image_model import LABELS, picture
from tests.image_cases import FORM, JPEG, base64, form

PATH = "/api/v1/service/image/score"
KEY = {"authorization": "Bearer key"}


def row(number: int, probability: float) -> list[Any]:
    """A class as the old service wrote it: words joined with underscores."""
    wnid, label = LABELS[number]
    return [wnid, label.replace(" ", "_"), probability]


async def test_a_file_is_sent_by_a_name(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """The old client's `files={"image": data}` gets three classes under that name, and the time as a text."""
    reply = await http.post(PATH, files={"image": picture(2)}, headers=KEY)
    named, elapsed = reply.json()
    assert named == {"image": [row(2, 0.5), row(3, 0.25), row(4, 0.125)]}
    assert named["image"][0][1] == "great_white_shark"
    assert elapsed.startswith("Computed in ")
    assert float(elapsed.removeprefix("Computed in ").removesuffix(" ms")) > 0


async def test_several_files_are_told_apart_by_name(http: httpx.AsyncClient, triton: FakeTriton) -> None:
    """Each name has its classes; of a name given twice, the first file counts, as it did."""
    body = form(("a", picture(100), "image/png"), ("b", picture(200), None), ("a", picture(999), "image/png"))
    named, _ = (await http.post(PATH, content=body, headers={"content-type": FORM})).json()
    assert {name: rows[0] for name, rows in named.items()} == {"a": row(100, 0.5), "b": row(200, 0.5)}


@pytest.mark.parametrize("quotes", ["", '"'])
async def test_base64_is_sent_by_a_name(http: httpx.AsyncClient, triton: FakeTriton, quotes: str) -> None:
    """The older client's base64, in quotation marks of its own, is read, whatever the media type."""
    names = ["image", 'a <b> " ü']  # fmt: skip
    body = {"input": {name: quotes + base64(picture(5)) + quotes for name in names}, "id": 3}
    reply = await http.post(PATH, content=json.dumps(body), headers={"content-type": "text/plain", **KEY})
    named, _ = reply.json()
    assert list(named) == names
    assert [float(probability) for _, _, probability in named["image"]] == [0.5, 0.25, 0.125]


@pytest.mark.parametrize(
    ("body", "content_type", "status", "field"),
    [
        (b"{}", "application/json", 422, "input"),
        (b'{"input": "QUJD"}', "application/json", 422, "input"),
        (b'{"input": {}}', "application/json", 422, "input"),
        (b'{"input": {"image": 3}}', "application/json", 422, "input[...]"),
        (b'{"input": {"image": "Q"}}', "application/json", 422, "input.image"),
        (b'{"input": {"image": "QUJD"}}', "application/json", 415, "input.image"),
        (b'{"input": {"image": ""}}', "application/json", 422, "input.image"),
        (json.dumps({"input": {str(number): "" for number in range(17)}}).encode(), "application/json", 422, "input"),
        (json.dumps({"input": {str(number): "" for number in range(9000)}}).encode(), "application/json", 422, "body"),
        (b"input", "application/json", 400, None),
        (JPEG, "image/jpeg", 400, None),
        (form(), FORM, 422, "body"),
        (form(("image", b"text", "image/jpeg")), FORM, 415, "image"),
        (form(("image", JPEG, "image/png")), FORM, 415, "image"),
        (form(*[(str(number), JPEG, None) for number in range(17)]), FORM, 422, "body"),
        (form(("image", JPEG, None))[:-9], FORM, 400, "body"),
        (form(("image", JPEG, None)), "multipart/form-data", 400, "content-type"),
    ],
)
async def test_bad_requests_are_refused(
    http: httpx.AsyncClient, triton: FakeTriton, body: bytes, content_type: str, status: int, field: str | None
) -> None:
    """Errors are problem documents that name the field as this contract calls it; nothing bad reaches Triton."""
    reply = await http.post(PATH, content=body, headers={"content-type": content_type})
    problem = msgspec.json.decode(reply.content, type=Problem)
    assert (reply.status_code, problem.status, problem.field) == (status, status, field)
    assert triton.images == []
