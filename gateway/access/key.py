"""The text of an API key: how one is made, and the digest that is kept of it.

    rts_k3f9a_0aB9...            rts_<id>_<43 characters of base 62>

The prefix and the fixed length are what secret scanners look for; the id names the key wherever it must be spoken of;
the rest is 256 random bits. A digest of so many bits needs no salt and no slow hash: nobody can try them out.
"""

import secrets
import string
from hashlib import sha256

PREFIX = "rts_"
LONGEST = 128  # bytes; nothing longer is looked up
SHORTEST = 32  # of a key that was made elsewhere
ID_PATTERN = "^[a-z0-9]{1,16}$"

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SECRET_BYTES = 32
_SECRET_LENGTH = 43  # 62 ** 43 is the first power above 2 ** 256
_ID_DIGITS = string.digits + string.ascii_lowercase
_ID_LENGTH = 5


def new_id() -> str:
    """Return a random id; whoever wants one that nobody has must look."""
    return "k" + "".join(secrets.choice(_ID_DIGITS) for _ in range(_ID_LENGTH))


def new_key(key_id: str) -> str:
    """Make a key with this id."""
    number = int.from_bytes(secrets.token_bytes(_SECRET_BYTES))
    digits = []
    for _ in range(_SECRET_LENGTH):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return f"{PREFIX}{key_id}_{''.join(digits)}"


def digest(key: bytes) -> bytes:
    """Return the 32 bytes of SHA-256 that stand for a key."""
    return sha256(key).digest()
