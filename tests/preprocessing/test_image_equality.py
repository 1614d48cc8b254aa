"""The tensor is torchvision's, bit for bit, wherever a JPEG is not decoded at reduced size.

The golden digests were made with torchvision 0.29.1 itself and Pillow 13.0.0, for `name` in scikit-learn's folder of
sample pictures (`sklearn.datasets.load_sample_image` gives the same pixels):

    transform = transforms.Compose([
        transforms.Resize(spec.resize, interpolation=InterpolationMode(spec.filter)), transforms.CenterCrop(spec.crop)
    ])
    picture = transform(Image.open(name).convert("RGB"))
    hashlib.sha256(np.asarray(picture).tobytes()).hexdigest()
"""

import hashlib
import io
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from preprocessing.image import FILTERS, ImageSpec, to_tensor
from tests.pictures import LIMITS, encode, jpeg, photo

GOLDEN = [
    ("china.jpg", ImageSpec(232, 224, "bilinear"), "13e8c3fb6d919397652753cc4c0703cf6d0a6311da73a6047a9a6f306e1d65ed"),
    ("china.jpg", ImageSpec(256, 224, "bilinear"), "f63cbb0af0fe1f191a4e7b3f9a47414fddcffd7db9a106cea0647ce9d7d94f9e"),
    ("china.jpg", ImageSpec(256, 224, "bicubic"), "853d66abadc981f9034b0cade46102e90adf86d806955132600f7253f3e517c1"),
    ("china.jpg", ImageSpec(224, 224, "nearest"), "186dfe57a235cae258a6f465bd4b41dce7c2355daa20bf63545bffd5df38f526"),
    ("flower.jpg", ImageSpec(232, 224, "bilinear"), "2bc7b54cabb58519bee9d9e178bdc124d46d18bee1596ded8919512fab734b42"),
    ("flower.jpg", ImageSpec(256, 224, "bilinear"), "5eb3707bda0f4afa1d3b63f9d165c74f201b778a54020589a1b85a94de851cbf"),
    ("flower.jpg", ImageSpec(256, 224, "bicubic"), "d8b41c6e06591bd0ae6b1e037e05da1bcda2c471828358d1712adf49fa6086bb"),
    ("flower.jpg", ImageSpec(224, 224, "nearest"), "e8002c436c22b263f6d953c6fb1e4f5c373b2cd72f22309694c4774415b7e598"),
]
SIZES = [
    (16, 16), (64, 48), (224, 224), (232, 232), (256, 256), (232, 300), (300, 232), (233, 465), (463, 464), (500, 375),
    (375, 500), (640, 427), (427, 640), (16, 1600), (1600, 16), (21, 1999), (1000, 100), (225, 226), (997, 331),
]  # fmt: skip
SPECS = [ImageSpec(resize, crop, name) for resize, crop in ((256, 224), (232, 224), (224, 224)) for name in FILTERS]
_FILTERS = {name: Image.Resampling[name.upper()] for name in FILTERS}


def reference(file: bytes, spec: ImageSpec) -> NDArray[np.uint8]:
    """What torchvision documents of Resize and CenterCrop, on the whole picture, with the rounding of its code."""
    with Image.open(io.BytesIO(file)) as opened:
        image = opened.convert("RGB")
    short, long = sorted(image.size)
    new_long = int(spec.resize * long / short)
    size = (spec.resize, new_long) if image.width <= image.height else (new_long, spec.resize)
    resized = image.resize(size, _FILTERS[spec.filter])
    left, top = round((size[0] - spec.crop) / 2.0), round((size[1] - spec.crop) / 2.0)
    return np.asarray(resized.crop((left, top, left + spec.crop, top + spec.crop)))


def noise(width: int, height: int, seed: int = 0) -> bytes:
    """A PNG of random pixels, whose every rounding shows."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return encode(pixels, "PNG", compress_level=0)


@pytest.mark.parametrize(("name", "spec", "digest"), GOLDEN, ids=[f"{name}, {spec}" for name, spec, _ in GOLDEN])
def test_golden_tensors(name: str, spec: ImageSpec, digest: str) -> None:
    """Two photos give the tensors that torchvision itself made of them."""
    file = (files("sklearn.datasets") / "images" / name).read_bytes()
    assert hashlib.sha256(to_tensor(file, spec, LIMITS).tobytes()).hexdigest() == digest


def test_golden_pixels() -> None:
    """The same, readable: corners and middle of one of them."""
    file = (files("sklearn.datasets") / "images" / "china.jpg").read_bytes()
    tensor = to_tensor(file, ImageSpec(232, 224), LIMITS)
    assert tensor[[0, 112, 223], [0, 112, 223]].tolist() == [[186, 213, 242], [190, 195, 201], [18, 18, 13]]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_equals_the_reference(size: tuple[int, int], spec: ImageSpec) -> None:
    """Up and down, tall and wide, odd and even: not a single value differs."""
    file = noise(*size)
    np.testing.assert_array_equal(to_tensor(file, spec, LIMITS), reference(file, spec))


@settings(max_examples=60)
@given(st.integers(16, 700), st.integers(16, 700), st.sampled_from(FILTERS), st.integers(1, 300), st.integers(0, 200))
def test_equals_the_reference_in_any_size(width: int, height: int, name: str, crop: int, more: int) -> None:
    """The same for sizes and rules that nobody thought of."""
    file, spec = noise(width, height, crop), ImageSpec(crop + more, crop, name)
    np.testing.assert_array_equal(to_tensor(file, spec, LIMITS), reference(file, spec))


@pytest.mark.parametrize(
    "options", [{}, {"subsampling": 0}, {"progressive": True}, {"restart_marker_rows": 1}], ids=str
)
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_jpegs_equal_the_reference(mode: str, options: dict[str, int]) -> None:
    """JPEGs below the size of reduced decoding are decoded in full, whatever their coding."""
    for size in ((500, 375), (511, 333), (927, 500), (50, 463)):
        file = encode(photo(*size), "JPEG", mode=mode, **options)
        np.testing.assert_array_equal(to_tensor(file, ImageSpec(232), LIMITS), reference(file, ImageSpec(232)))


@pytest.mark.parametrize("spec", [ImageSpec(), ImageSpec(232), ImageSpec(232, 224, "bicubic")], ids=str)
@pytest.mark.parametrize("size", [(1200, 1031), (1040, 1100), (2111, 1301)], ids=str)
def test_reduced_decoding_stays_close(spec: ImageSpec, size: tuple[int, int]) -> None:
    """A smooth picture decoded at half size differs by 2 of 255 at most, and by half a unit on average."""
    file = jpeg(*size, quality=90)
    difference = np.abs(to_tensor(file, spec, LIMITS).astype(int) - reference(file, spec))
    assert 0 < difference.max() <= 2
    assert difference.mean() < 0.5


def test_reduced_decoding_starts_at_four_times_the_resize() -> None:
    """The shorter side keeps twice the pixels of the resize: one pixel below, the picture is decoded in full."""
    spec = ImageSpec(232)
    for size, exact in (((950, 927), True), ((950, 928), False)):
        file = jpeg(*size, quality=95)
        assert np.array_equal(to_tensor(file, spec, LIMITS), reference(file, spec)) == exact


def test_nearest_is_never_decoded_at_reduced_size() -> None:
    """Its pixels are picked, not averaged: a reduced picture would have others."""
    file, spec = jpeg(1000, 940), ImageSpec(232, 224, "nearest")
    np.testing.assert_array_equal(to_tensor(file, spec, LIMITS), reference(file, spec))
