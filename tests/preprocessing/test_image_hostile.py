"""Hostile files: cut, mutated and made to exhaust; nothing but an ImageError comes out, at bounded cost."""

import pickle
import random
import subprocess
import sys
import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preprocessing.image import (
    ImageError,
    ImageLimits,
    ImageSpec,
    InvalidImageError,
    NotAnImageError,
    check_header,
    to_tensor,
)
from tests.pictures import BAD_PICTURES, GOOD_PICTURES, LIMITS, WHOLE, jpeg
from tests.pictures.heavy import HEAVY_PICTURES
from tests.pictures.makers import encode, photo

SPEC = ImageSpec(16, 16)  # small: most of these are refused before
SMALL = [picture for picture in GOOD_PICTURES if len(picture.data) < 20_000]
SIGNATURES = [
    b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"GIF89a", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08",
    b"RIFF\xff\0\0\0WEBPVP8 ", b"RIFF\xff\0\0\0WEBPVP8X", b"RIFF\xff\0\0\0WEBPVP8L",
    b"BM" + bytes(8) + b"\x36\0\0\0\x28\0\0\0",
]  # fmt: skip


def outcome(file: bytes) -> str:
    """The name of the error, or "tensor"."""
    try:
        check_header(file, LIMITS)
        to_tensor(file, SPEC, LIMITS)
    except ImageError as error:
        return type(error).__name__
    return "tensor"


@pytest.mark.parametrize("name", WHOLE)
def test_no_beginning_of_a_file_passes(name: str) -> None:
    """A file cut at any byte is refused; only a GIF may lack its last byte, which ends the frames behind the first."""
    file = WHOLE[name]
    for length in range(len(file) - (name == "GIF")):
        with pytest.raises((InvalidImageError, NotAnImageError)):
            to_tensor(file[:length], SPEC, LIMITS)


@pytest.mark.parametrize("options", [{}, {"subsampling": 0}, {"restart_marker_rows": 1}, {"quality": 95}], ids=str)
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_cut_jpeg_that_is_closed_properly_is_refused(mode: str, options: dict[str, Any]) -> None:
    """The decoder would fill up with grey where data are missing; the whole file passes with the same settings."""
    file = encode(photo(300, 200), "JPEG", mode=mode, **options)
    scan = file.rindex(b"\xff\xda") + 14
    to_tensor(file, SPEC, LIMITS)
    for tenths in range(10):
        cut = file[: scan + (len(file) - scan) * tenths // 10].removesuffix(b"\xff") + b"\xff\xd9"
        with pytest.raises(InvalidImageError):
            to_tensor(cut, SPEC, LIMITS)


@pytest.mark.parametrize("seed", range(20))
def test_whole_jpegs_are_never_taken_for_cut_ones(seed: int) -> None:
    """Files of all sizes, samplings and qualities, of noise and of one colour, are decoded to their last block."""
    chance = random.Random(seed)
    for _ in range(10):
        pixels = photo(chance.randint(16, 99), chance.randint(16, 99)) if chance.random() < 0.7 else photo(1, 1).repeat(
            chance.randint(16, 99), axis=0).repeat(chance.randint(16, 99), axis=1)  # fmt: skip
        quality, subsampling, restart = chance.randint(1, 100), chance.randint(0, 2), chance.choice([0, 1, 7])
        file = encode(pixels, "JPEG", quality=quality, subsampling=subsampling, restart_marker_blocks=restart)
        assert outcome(file) == "tensor"


@pytest.mark.parametrize("seed", range(10))
def test_mutated_files_end_in_a_tensor_or_an_error(seed: int) -> None:
    """Flipped, overwritten, removed and inserted bytes, most of them in headers: 4,000 files, and no warning."""
    chance = random.Random(seed)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        outcomes = {outcome(_mutated(chance.choice(SMALL).data, chance)) for _ in range(400)}
    assert outcomes >= {"tensor", "InvalidImageError"}
    assert caught == []


def _mutated(file: bytes, chance: random.Random) -> bytes:
    data = bytearray(file)
    end = min(len(data), 200) if chance.random() < 0.6 else len(data)
    for _ in range(chance.choice([1, 1, 2, 4, 16])):
        at = chance.randrange(end)
        data[at : at + chance.choice([0, 1, 1, 1, 2, 4, 50])] = chance.choice([
            b"", b"\0", b"\xff", b"\x7f", b"\xff\xff", bytes(4), b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff",
            chance.randbytes(1), chance.randbytes(4),
        ])  # fmt: skip
    return bytes(data)


@settings(max_examples=1000)
@given(st.sampled_from(SIGNATURES), st.binary(max_size=200))
def test_any_bytes_end_in_an_error(signature: bytes, rest: bytes) -> None:
    """Any bytes, behind the first bytes of any format or not, are refused with an ImageError."""
    assert outcome(signature + rest).endswith("Error")


@settings(max_examples=300)
@given(st.binary(max_size=80))
def test_any_exif_block_is_harmless(block: bytes) -> None:
    """Whatever stands in an EXIF segment, the picture is classified."""
    header = b"Exif\0\0"
    for exif in (block, header + block, header + b"II*\0\x08\0\0\0" + block, header + b"MM\0*\0\0\0\x08" + block):
        segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
        file = jpeg(16, 16)
        assert outcome(file[:2] + segment + file[2:]) == "tensor"


# VmHWM, not ru_maxrss, which a process inherits from the one that started it (getrusage(2), fork and exec on Linux).
MEMORY = """
import pickle, re, resource, sys
from pathlib import Path
from preprocessing.image import ImageError, ImageLimits, ImageSpec, to_tensor

def kilobytes(name):
    return int(re.search(name + r":\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])

resource.setrlimit(resource.RLIMIT_CPU, (120, 120))
files, limits = pickle.load(sys.stdin.buffer)
to_tensor(files[0], ImageSpec(), limits)
before = kilobytes("VmRSS")
for file in files:
    try:
        to_tensor(file, ImageSpec(), limits)
    except ImageError:
        pass
print((kilobytes("VmHWM") - before) // 1024)
"""
ANY_PICTURE = [picture.data for picture in GOOD_PICTURES + BAD_PICTURES]
EIGHT_MEGAPIXELS = ImageLimits(max_bytes=10_000_000, max_pixels=8_000_000)


@pytest.mark.parametrize(
    ("files", "limits", "megabytes"),
    [(ANY_PICTURE, LIMITS, 32), ([ANY_PICTURE[0], *HEAVY_PICTURES.values()], EIGHT_MEGAPIXELS, 8 * 12 + 16)],
    ids=["good and bad pictures", "pictures as large as allowed"],
)
def test_memory_and_work_are_bounded(files: list[bytes], limits: ImageLimits, megabytes: int) -> None:
    """Bombs take no more memory than small pictures do; the heaviest pictures take 12 bytes for each pixel allowed.

    A bomb that goes off (a gigabyte to unpack, a million frames or scans to decode) would also use up the two minutes
    of processor time, many times what all of these take together.
    """
    process = subprocess.run(
        [sys.executable, "-c", MEMORY], input=pickle.dumps((files, limits)), check=True, capture_output=True
    )
    assert int(process.stdout) <= megabytes
