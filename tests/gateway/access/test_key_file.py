"""The key file: what it may hold, and how its faults are told."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.key_file import MOST_BYTES, ClientEntry, KeyFile, KeyFileError, encode, parse, read_bytes
from tests.gateway.access.conftest import document, entry

KEY = "rts_k3f9a2_" + "a" * 43
OTHER = "rts_k77777_" + "b" * 43


def test_a_whole_file() -> None:
    """All fields are read, and written as they were."""
    content = parse(
        document(
            entry(KEY, scopes=["faq", "image"], expires="2027-01-31T00:00:00+01:00"),
            entry(OTHER, client="batch.jobs"),
            **{"web": {"rate": 0.5, "burst": 3, "concurrent": 0}, "batch.jobs": {}},
        )
    )
    assert content.clients == {"web": ClientEntry(0.5, 3, 0), "batch.jobs": ClientEntry()}
    assert [key.id for key in content.keys] == ["k3f9a2", "k77777"]
    assert content.keys[0].expires is not None
    assert content.keys[1].expires is None
    assert parse(encode(content)) == content


def test_an_empty_file_of_keys() -> None:
    """A file without keys is one: everyone is refused."""
    assert parse(b'{"version":1}') == KeyFile()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"id": "K3"}, "key number 1, field id: expected `str` matching regex"),
        ({"id": None}, "key number 1, field id: expected `str`, got `null`"),
        ({"client": "no/name"}, "key k3f9a2, field client: expected `str` matching regex"),
        ({"client": "other"}, "key k3f9a2, field client: is not among the clients"),
        ({"client": "x" * 33}, "key k3f9a2, field client: "),
        ({"sha256": "ABC"}, "key k3f9a2, field sha256: expected `str` matching regex '^[0-9a-f]{64}$'"),
        ({"sha256": KEY}, "key k3f9a2, field sha256: expected `str` matching regex"),
        ({"scopes": []}, "key k3f9a2, field scopes: expected `array` of length >= 1"),
        ({"scopes": "faq"}, "key k3f9a2, field scopes: expected `array`, got `str`"),
        ({"scopes": ["faq", "canary"]}, "key k3f9a2, field scopes: expected some of faq, image, admin"),
        ({"created": "yesterday"}, "key k3f9a2, field created: invalid RFC3339 encoded datetime"),
        ({"expires": "2027-01-31T00:00:00"}, "key k3f9a2, field expires: expected `datetime` with a timezone"),
        ({"expires": 1e9}, "key k3f9a2, field expires: expected `datetime | null`, got `float`"),
        ({"canary": 1}, "key k3f9a2: has a field other than id, client, sha256, scopes, created, expires"),
    ],
)
def test_a_key_that_is_wrong(change: dict[str, Any], fault: str) -> None:
    """The fault names the key, the field and what is expected, and repeats nothing."""
    with pytest.raises(KeyFileError) as caught:
        parse(document(entry(KEY, **change)))
    assert str(caught.value).startswith(fault)
    assert "canary" not in str(caught.value)
    assert "a" * 43 not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"rate": -1}, "client web, field rate: expected `float` >= 0"),
        ({"rate": 1e7}, "client web, field rate: expected `float` <= 1000000"),
        ({"rate": True}, "client web, field rate: expected `float | null`, got `bool`"),
        ({"burst": 1.5}, "client web, field burst: expected `int | null`, got `float`"),
        ({"concurrent": 10**20}, "client web, field concurrent: expected `int` <= 1000000"),
        ({"canary": 1}, "client web: has a field other than rate, burst, concurrent"),
        ([], "client web: expected an object"),
    ],
)
def test_a_client_that_is_wrong(change: Any, fault: str) -> None:
    """The fault names the client, the field and the limit."""
    with pytest.raises(KeyFileError) as caught:
        parse(document(entry(KEY), web=change))
    assert str(caught.value).startswith(fault)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "is not JSON at line 1, column 1"),
        (b'{"version":1,\n"keys":[}', "is not JSON at line 2, column 9"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"version":' + b"9" * 100_000 + b"}", "is not JSON"),
        (b'{"version":NaN}', "is not JSON: NaN and Infinity are not numbers"),
        (b'{"version":1,"clients":{"web":{"rate":1e999}}}', "client web, field rate: expected `float` <= 1000000"),
        (b"null", "the file: expected an object"),
        (b"{}", "field version: expected 1"),
        (b'{"version":2}', "field version: expected 1"),
        (b'{"version":true}', "field version: expected 1"),
        (b'{"version":1,"canary":2}', "the file: has a field other than version, clients, keys"),
        (b'{"version":1,"keys":{}}', "expected an object in the field clients and an array in the field keys"),
        (b'{"version":1,"clients":[]}', "expected an object in the field clients and an array in the field keys"),
        (b'{"version":1,"keys":[7]}', "key number 1: expected an object"),
        (b'{"version":1,"clients":{"":{}}}', "clients, a name, field client: expected `str` matching regex"),
        (b'{"version":1,"clients":{"web":{},"web":{"rate":1}}}', "the same field is there twice in an object"),
        (document(entry(KEY), entry(KEY, sha256="0" * 64)), "two keys have the same id"),
        (document(entry(KEY), entry(KEY, id="other")), "two keys have the same sha256"),
    ],
)
def test_a_file_that_is_wrong(data: bytes, fault: str) -> None:
    """What is no key file is told by where it fails; nothing in it can exhaust the reader."""
    with pytest.raises(KeyFileError) as caught:
        parse(data)
    assert str(caught.value).startswith(fault)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["id", "client", "rate"]), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["version", "clients", "keys"]), _JSON | st.just(1) | st.lists(_JSON)))
def test_any_json(value: Any) -> None:
    """Any JSON is a key file or has a fault that can be told."""
    try:
        parse(json.dumps(value).encode())
    except KeyFileError:
        return
    assert value["version"] == 1


@given(st.binary())
def test_any_bytes(data: bytes) -> None:
    """Any bytes have a fault that can be told."""
    with pytest.raises(KeyFileError):
        parse(data)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing file, a folder, a pipe that never ends and a huge file are told apart, at once."""
    pipe, huge = tmp_path / "pipe", tmp_path / "huge"
    os.mkfifo(pipe)
    huge.write_bytes(b" " * (MOST_BYTES + 1))
    for path, fault in (
        (tmp_path / "missing", "cannot be read: No such file or directory"),
        (tmp_path, "cannot be read: Is a directory"),
        (pipe, "is not a regular file"),
        (Path("/dev/zero"), "is not a regular file"),
        (huge, "has more than 1048576 bytes"),
    ):
        with pytest.raises(KeyFileError, match=fault):
            read_bytes(path)
