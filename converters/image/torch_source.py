"""ResNet-152 out of PyTorch: random weights, torchvision's official ones, or a user's checkpoint."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from converters.image import weights_file
from converters.image.checkpoint import read_checkpoint
from converters.image.core import IMAGENET, NORMALISATIONS, Core, Floats
from converters.image.download import Remote
from converters.image.fitting import fit
from converters.image.pictures import pictures
from converters.image.resnet import DEPTH_152, WIDTH, Bottleneck, ResNet
from converters.image.torch_export import export
from converters.image.untrained import BRANCH_SCALE, PICTURES, PICTURES_SEED, spread
from converters.progress import Progress
from preprocessing.image import ImageSpec

NORMALISATION = NORMALISATIONS["torch"]


@dataclass(frozen=True)
class Official:
    """Weights that torchvision publishes, and the shorter side in pixels to which their pictures are resized."""

    name: str
    file: str
    resize: int

    @property
    def checksum(self) -> str:
        """The start of the file's SHA-256, which its name ends with."""
        return Path(self.file).stem.rpartition("-")[2]

    @property
    def remote(self) -> Remote:
        """Where torchvision's models load it from."""
        return Remote(f"https://download.pytorch.org/models/{self.file}", self.file, checksum=self.checksum)


# torchvision/models/resnet.py, ResNet152_Weights
V2 = Official("imagenet-v2", "resnet152-f82ba261.pth", resize=232)
V1 = Official("imagenet-v1", "resnet152-394f9c45.pth", resize=256)
NAMED = {IMAGENET: V2, V2.name: V2, V1.name: V1}


def load(weights: str, seed: int = 0, progress: Progress | None = None) -> Core:
    """ResNet-152 with `weights`: "untrained" (`seed`), "imagenet", "imagenet-v1", a path or an https URL.

    Raises WeightsError when they cannot be had, are damaged or do not fit.
    """
    path = locate(weights, progress)
    official = _recognised(path) if path else None
    network = restored(path) if path else untrained(seed)
    spec = ImageSpec(resize=official.resize) if official else ImageSpec()
    return Core(
        model=export(network),
        normalisation=NORMALISATION,
        softmax=False,
        spec=spec,
        framework="torch",
        weights=official.name if official else weights_file.name(weights),
        reference=reference(network),
    )


def locate(weights: str, progress: Progress | None = None) -> Path | None:
    """The file that holds the weights, downloaded into torch's cache where it has to be; None for "untrained"."""
    published = {name: official.remote for name, official in NAMED.items()}
    return weights_file.locate(weights, published, Path(torch.hub.get_dir(), "checkpoints"), progress)


def restored(path: Path, blocks: Sequence[int] = DEPTH_152, width: int = WIDTH) -> ResNet:
    """A network with the weights of a checkpoint; raises WeightsError."""
    with torch.device("meta"):  # no weights that would only be replaced
        network = ResNet(blocks, width)
    fit(network, read_checkpoint(path), path.name)
    return network.eval().requires_grad_(requires_grad=False)


def untrained(seed: int, blocks: Sequence[int] = DEPTH_152, width: int = WIDTH) -> ResNet:
    """A network with random weights that gives different pictures different answers; see `untrained.py`."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = ResNet(blocks, width).requires_grad_(requires_grad=False)
    pixels = torch.from_numpy(NORMALISATION(pictures(PICTURES, PICTURES_SEED))).permute(0, 3, 1, 2)
    for module in network.modules():
        if isinstance(module, Bottleneck):
            nn.init.constant_(module.bn3.weight, BRANCH_SCALE)
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None  # the statistics of all that it has seen
    features = network.train().features(pixels)
    kernel, bias = spread(features.numpy(), network.fc.weight.T.numpy())
    network.fc.load_state_dict({"weight": torch.from_numpy(kernel.T), "bias": torch.from_numpy(bias)})
    return network.eval()


def reference(network: nn.Module) -> Callable[[Floats], Floats]:
    """The network's own forward pass: normalised [n, 3, 224, 224] → logits [n, classes]."""

    def forward(images: Floats) -> Floats:
        with torch.inference_mode():
            logits: Floats = network(torch.from_numpy(images)).numpy()
        return logits

    return forward


def _recognised(path: Path) -> Official | None:
    """Which of the official files this is, whatever its name: each has its own resize rule."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return next((official for official in (V2, V1) if digest.startswith(official.checksum)), None)
