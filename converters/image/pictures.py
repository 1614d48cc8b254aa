"""Made-up pictures for networks that have never seen a photo."""

import numpy as np
from numpy.typing import NDArray

from converters.image.core import SIDE

# The power spectrum of photos falls as 1 / f^2, their amplitudes as 1 / f (Field 1987); white noise is 0, clouds are 3.
_FALL = (0.5, 3.0)
_CONTRAST = (10, 100)  # standard deviation of a picture's pixels
_BRIGHTNESS = (50, 200)  # mean of a picture's pixels


def pictures(count: int, seed: int = 0) -> NDArray[np.uint8]:
    """RGB [count, 224, 224, 3]: noise between clouds and sand, each in its own colours, brightness and contrast."""
    draw = np.random.default_rng(seed)
    return np.stack([_picture(draw) for _ in range(count)])


def _picture(draw: np.random.Generator) -> NDArray[np.uint8]:
    pattern = _pattern(draw) @ _colours(draw)
    brightness = draw.uniform(*_BRIGHTNESS) + draw.normal(scale=20, size=3)
    return np.clip(brightness + draw.uniform(*_CONTRAST) * pattern, 0, 255).round().astype(np.uint8)


def _pattern(draw: np.random.Generator) -> NDArray[np.float64]:
    """Three independent noises [224, 224, 3] of mean 0 and deviation 1 whose amplitudes fall with the frequency."""
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE))
    frequency[0, 0] = np.inf  # no constant part
    amplitude = frequency ** -draw.uniform(*_FALL)
    waves = draw.normal(size=(*amplitude.shape, 3, 2)) @ np.array([1, 1j])
    noise = np.fft.irfft2(waves * amplitude[..., None], s=(SIDE, SIDE), axes=(0, 1))
    return np.asarray(noise / noise.std(axis=(0, 1)))


def _colours(draw: np.random.Generator) -> NDArray[np.float64]:
    """How much of each noise [3] goes into red, green and blue [3]: mostly the same, as in photos."""
    mixture = 0.4 * draw.normal(size=(3, 3)) + draw.normal(size=(3, 1))
    return np.asarray(mixture / np.linalg.norm(mixture, axis=0))
