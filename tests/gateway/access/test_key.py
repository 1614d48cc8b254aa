"""The text of a key."""

import re

from gateway.access import key


def test_a_key_is_what_scanners_look_for() -> None:
    """Every key has the documented form and length, names its id, and fits what is looked up."""
    for _ in range(200):
        key_id = key.new_id()
        text = key.new_key(key_id)
        assert re.fullmatch(key.ID_PATTERN, key_id)
        assert re.fullmatch(rf"rts_{key_id}_[0-9A-Za-z]{{43}}", text)
        assert len(text) <= key.LONGEST


def test_keys_differ() -> None:
    """No two keys are the same, and every place of one may hold any digit (the last one holds what is left)."""
    made = [key.new_key("k").removeprefix("rts_k_") for _ in range(2000)]
    assert len(set(made)) == 2000
    assert all(len({text[place] for text in made}) == 62 for place in range(42))


def test_digest() -> None:
    """What is kept of a key is its SHA-256 (the example is FIPS 180-2's)."""
    assert key.digest(b"abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
