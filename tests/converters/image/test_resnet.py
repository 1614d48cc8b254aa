"""ResNet-152: the names and sizes that official checkpoints have."""

import pytest
import torch
from torch import nn

from converters.image.resnet import ResNet


@pytest.fixture(scope="module")
def network() -> ResNet:
    """The network without values: shapes need none."""
    with torch.device("meta"):
        return ResNet()


def test_has_the_parameters_that_torchvision_states(network: ResNet) -> None:
    """60,192,808 parameters (torchvision's documentation of ResNet152_Weights) in 467 tensors, and 465 buffers."""
    assert sum(parameter.numel() for parameter in network.parameters()) == 60_192_808
    assert len(list(network.parameters())) == 467
    assert len(network.state_dict()) == 932


def test_names_are_torchvisions(network: ResNet) -> None:
    """Spot checks of what torchvision calls them, the first and the last blocks among them."""
    state = network.state_dict()
    assert next(iter(state)) == "conv1.weight"
    assert state["conv1.weight"].shape == (64, 3, 7, 7)
    assert state["bn1.num_batches_tracked"].dtype == torch.int64
    assert state["layer1.0.downsample.0.weight"].shape == (256, 64, 1, 1)
    assert state["layer1.0.downsample.1.running_var"].shape == (256,)
    assert state["layer3.35.conv2.weight"].shape == (256, 256, 3, 3)
    assert "layer3.36.conv1.weight" not in state
    assert "layer3.1.downsample.0.weight" not in state
    assert state["layer4.2.bn3.running_mean"].shape == (2048,)
    assert state["fc.weight"].shape == (1000, 2048)
    assert state["fc.bias"].shape == (1000,)


def test_strides_are_in_the_3x3_convolutions(network: ResNet) -> None:
    """Version 1.5: a down-sampling block's first convolution keeps the size, its second halves it."""
    strides = {name: module.stride for name, module in network.layer2[0].named_modules() if hasattr(module, "stride")}
    assert strides == {"conv1": (1, 1), "conv2": (2, 2), "conv3": (1, 1), "downsample.0": (2, 2)}


def test_takes_as_many_multiplications_as_torchvision_states(network: ResNet) -> None:
    """11.514 billion for a picture of 224x224."""
    count = 0

    def add(module: nn.Module, inputs: tuple[torch.Tensor], output: torch.Tensor) -> None:
        nonlocal count
        assert isinstance(module, nn.Conv2d | nn.Linear)
        each = module.weight[0].numel()
        count += each * output[0].numel()

    hooks = [
        module.register_forward_hook(add) for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)
    ]
    assert network.eval()(torch.empty(1, 3, 224, 224, device="meta")).shape == (1, 1000)
    for hook in hooks:
        hook.remove()
    assert round(count / 1e9, 3) == 11.514


def test_equals_torchvisions_resnet152(network: ResNet) -> None:
    """Where torchvision can be imported, names, their order, and shapes are its own."""
    try:
        from torchvision.models import resnet152
    except (ImportError, RuntimeError) as reason:
        pytest.skip(f"torchvision cannot be imported beside this torch: {reason}")
    with torch.device("meta"):
        official = resnet152().state_dict()
    ours = network.state_dict()
    assert list(ours) == list(official)
    assert {name: tensor.shape for name, tensor in ours.items()} == {
        name: tensor.shape for name, tensor in official.items()
    }
