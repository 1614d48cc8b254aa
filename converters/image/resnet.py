"""ResNet-152 with torchvision's parameter names, so that its official checkpoints load unchanged.

He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition" (2015), with the stride of a down-sampling block in
its 3x3 convolution ("v1.5"), as in the weights that torchvision publishes. torchvision itself cannot be imported beside
a CPU-only torch from PyPI.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from converters.image.core import CLASSES

DEPTH_152 = (3, 8, 36, 3)  # blocks in each of the four layers
WIDTH = 64  # channels after the stem
EXPANSION = 4  # a block's output has so many times the channels of its 3x3 convolution


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1 convolution beside a shortcut: [n, inputs, h, w] → [n, 4 * channels, h / stride, w / stride]."""

    def __init__(self, inputs: int, channels: int, stride: int) -> None:
        super().__init__()
        outputs = channels * EXPANSION
        self.conv1 = _convolution(inputs, channels, 1)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = _convolution(channels, channels, 3, stride)
        self.bn2 = nn.BatchNorm2d(channels)
        self.conv3 = _convolution(channels, outputs, 1)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample = (
            nn.Sequential(_convolution(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))
            if stride > 1 or inputs != outputs
            else None
        )

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        x = torch.relu(self.bn1(self.conv1(x)))
        x = torch.relu(self.bn2(self.conv2(x)))
        return torch.relu(self.bn3(self.conv3(x)) + shortcut)


class ResNet(nn.Module):
    """Normalised RGB float [n, 3, h, w] → logits [n, classes]; as it stands ResNet-152, other `blocks` other depths."""

    def __init__(self, blocks: Sequence[int] = DEPTH_152, width: int = WIDTH, classes: int = CLASSES) -> None:
        super().__init__()
        self.conv1 = _convolution(3, width, 7, 2)
        self.bn1 = nn.BatchNorm2d(width)
        self.layer1 = _layer(width, width, blocks[0], stride=1)
        self.layer2 = _layer(4 * width, 2 * width, blocks[1], stride=2)
        self.layer3 = _layer(8 * width, 4 * width, blocks[2], stride=2)
        self.layer4 = _layer(16 * width, 8 * width, blocks[3], stride=2)
        self.fc = nn.Linear(32 * width, classes)

    def features(self, x: Tensor) -> Tensor:
        """What the classifier sees: [n, 32 * width], means over the picture."""
        x = torch.relu(self.bn1(self.conv1(x)))
        x = nn.functional.max_pool2d(x, kernel_size=3, stride=2, padding=1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return x.mean(dim=(2, 3))

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.fc(self.features(x))
        return logits


def _convolution(inputs: int, outputs: int, size: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False)


def _layer(inputs: int, channels: int, blocks: int, stride: int) -> nn.Sequential:
    rest = (Bottleneck(channels * EXPANSION, channels, stride=1) for _ in range(blocks - 1))
    return nn.Sequential(Bottleneck(inputs, channels, stride), *rest)
