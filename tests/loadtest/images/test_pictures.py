"""The pictures that are sent."""

import io

from PIL import Image

from loadtest.images.pictures import COUNT, photos


def test_pictures_are_about_as_large_as_imagenets() -> None:
    """JPEG files of 35 to 110 kB and about 500x375 pixels, some of them upright."""
    opened = [Image.open(io.BytesIO(picture)) for picture in photos()]
    assert len(opened) == COUNT
    assert {picture.format for picture in opened} == {"JPEG"}
    assert all(35_000 < len(picture) < 110_000 for picture in photos())
    assert all(min(picture.size) >= 280 and max(picture.size) <= 570 for picture in opened)
    assert 0 < sum(picture.width < picture.height for picture in opened) < COUNT / 2


def test_pictures_differ_and_are_the_same_in_every_run() -> None:
    """No two are equal; another seed gives others, the same seed the same."""
    first = photos(6)
    assert len(set(first)) == 6
    assert photos(6) == first
    assert not set(photos(6, seed=1)) & set(first)
