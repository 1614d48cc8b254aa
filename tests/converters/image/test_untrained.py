"""Random weights: what they are for, and the pictures on which they are tuned."""

import numpy as np
import torch
from torch import Tensor, nn

from converters.image.core import NORMALISATIONS
from converters.image.pictures import pictures
from converters.image.torch_source import untrained
from converters.image.untrained import DIRECTIONS, LOGIT_DEVIATION, spread

BLOCKS, WIDTH = (2, 2, 2, 2), 8


def test_pictures_are_all_different_and_the_same_every_time() -> None:
    """A seed gives the same pictures, a longer list starts with the shorter one, and they use the whole range."""
    made = pictures(6, seed=3)
    assert made.shape == (6, 224, 224, 3)
    assert made.dtype == np.uint8
    assert np.array_equal(pictures(4, seed=3), made[:4])
    assert not np.array_equal(pictures(1, seed=4), made[:1])
    means, deviations = made.mean(axis=(1, 2, 3)), made.std(axis=(1, 2, 3))
    assert np.ptp(means) > 30
    assert deviations.min() > 5
    assert deviations.max() > 40


def test_normalisations_are_the_frameworks_own() -> None:
    """Black, white and a colour, computed by hand from what the frameworks document."""
    pixels = np.array([[0, 0, 0], [255, 255, 255], [255, 0, 51]], np.uint8)
    torch_style = (np.array([[0, 0, 0], [1, 1, 1], [1, 0, 0.2]]) - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    np.testing.assert_allclose(NORMALISATIONS["torch"](pixels), torch_style, rtol=1e-5)
    np.testing.assert_allclose(NORMALISATIONS["keras-torch"](pixels), torch_style, rtol=1e-5)
    np.testing.assert_allclose(NORMALISATIONS["keras-tf"](pixels)[1:], np.array([[1, 1, 1], [1, -1, -0.6]]), rtol=1e-5)
    caffe = NORMALISATIONS["keras-caffe"](pixels)
    np.testing.assert_allclose(caffe[2], np.array([51 - 103.939, -116.779, 255 - 123.68]), rtol=1e-5)
    assert caffe.dtype == np.float32


def test_spread_centres_and_scales_the_logits() -> None:
    """The mean picture's logits are 0, a typical picture's deviate by what is wanted, in few directions."""
    draw = np.random.default_rng(0)
    features = draw.normal(5, 1, (24, 64)).astype(np.float32)
    kernel, bias = spread(features, draw.normal(size=(64, 1000)).astype(np.float32))
    logits = features @ kernel + bias
    np.testing.assert_allclose(logits.mean(axis=0), 0, atol=1e-3)
    assert np.isclose(np.median(logits.std(axis=1)), LOGIT_DEVIATION)
    assert np.linalg.matrix_rank(kernel, tol=1e-3) == DIRECTIONS


def test_random_weights_are_those_of_their_seed() -> None:
    """The same seed gives the same network, and torch's own random numbers go on as if nothing had happened."""
    torch.manual_seed(5)
    one, drawn = untrained(1, BLOCKS, WIDTH).state_dict(), torch.rand(1)
    torch.manual_seed(5)
    assert torch.equal(drawn, torch.rand(1))
    same, other = untrained(1, BLOCKS, WIDTH).state_dict(), untrained(2, BLOCKS, WIDTH).state_dict()
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["conv1.weight"], other["conv1.weight"])


def test_random_weights_tell_pictures_apart() -> None:
    """Half of other pictures get a class of their own, none is as likely as all, and none is sure."""
    network = untrained(0, BLOCKS, WIDTH)
    pixels = torch.from_numpy(NORMALISATIONS["torch"](pictures(24, seed=9))).permute(0, 3, 1, 2)
    largest: list[float] = []

    def watch(module: nn.Module, inputs: tuple[Tensor], output: Tensor) -> None:
        largest.append(float(output.abs().max()))

    for module in network.modules():
        module.register_forward_hook(watch)
    with torch.inference_mode():
        probabilities = network(pixels).softmax(1)
    best = probabilities.max(1)
    assert len(set(best.indices.tolist())) >= 12
    assert best.values.min() > 0.005
    assert best.values.median() < 0.5
    assert max(largest) < 1000, "FP16 ends at 65504"
