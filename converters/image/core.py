"""What every source of an image classifier hands to the publisher: the network alone, and what belongs around it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray

from preprocessing.image import ImageSpec

Floats = NDArray[np.float32]
CLASSES = 1000  # ImageNet's (ILSVRC2012)
SIDE = 224  # pixels
OPSET = 20
IR_VERSION = 10  # the newest that the ONNX Runtime of Triton 24.10 (1.19) reads
UNTRAINED, IMAGENET = "untrained", "imagenet"


@dataclass(frozen=True)
class Normalisation:
    """(pixel - mean) / std, of pixels 0 to 255; `mean` and `std` are in the order of channels that the network reads.

    That order is red, green, blue, or with `bgr` the reverse.
    """

    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    bgr: bool = False

    def __call__(self, pixels: NDArray[np.uint8]) -> Floats:
        """RGB pixels [..., 3] → what the network reads, the same shape."""
        channels = pixels[..., ::-1] if self.bgr else pixels
        mean, std = np.array(self.mean, np.float32), np.array(self.std, np.float32)
        return np.asarray((channels.astype(np.float32) - mean) / std)


# Means and deviations of ImageNet's pixels scaled to 0..1, as torchvision's transforms of its weights state them.
_IMAGENET_PIXELS = Normalisation(
    mean=(0.485 * 255, 0.456 * 255, 0.406 * 255), std=(0.229 * 255, 0.224 * 255, 0.225 * 255)
)
NORMALISATIONS: dict[str, Normalisation] = {
    # torchvision/transforms/_presets.py, ImageClassification
    "torch": _IMAGENET_PIXELS,
    # keras/src/applications/imagenet_utils.py, preprocess_input, mode "caffe": ResNet, VGG
    "keras-caffe": Normalisation(mean=(103.939, 116.779, 123.68), std=(1.0, 1.0, 1.0), bgr=True),
    # the same, mode "torch": DenseNet
    "keras-torch": _IMAGENET_PIXELS,
    # the same, mode "tf" (x / 127.5 - 1): ResNetV2, MobileNet, Inception
    "keras-tf": Normalisation(mean=(127.5, 127.5, 127.5), std=(127.5, 127.5, 127.5)),
}


@dataclass(frozen=True)
class Core:
    """An image classifier in FP32 and how its inputs are made.

    `model` has one input, a normalised FLOAT [batch, 3, 224, 224] or [batch, 224, 224, 3], and one output, FLOAT
    [batch, 1000]; both first axes are dynamic. With `softmax` the output is probabilities, otherwise logits.
    `reference` is the framework's own forward pass on the same input; None for a file that came without a framework.
    """

    model: onnx.ModelProto
    normalisation: Normalisation
    softmax: bool
    spec: ImageSpec  # the resize rule that the weights were trained with
    framework: str  # "torch", "keras" or "onnx"
    weights: str  # "untrained", "imagenet-v2", "imagenet-v1", "imagenet" or the name of a file
    reference: Callable[[Floats], Floats] | None
