"""Whether the tensors of a checkpoint are those of a network: names, shapes, types and values."""

from collections.abc import Collection, Mapping

import torch
from torch import Tensor, nn

from converters.errors import WeightsError
from converters.image.weight_values import check_values

_NAMED = 3  # tensors that a message names
_COUNTER = "num_batches_tracked"  # of a batch norm; unused outside training, and missing in files from before 2018
_HINT = "use weights of ResNet-152 with torchvision's names, or of Keras with --framework keras"


def fit(network: nn.Module, tensors: Mapping[str, Tensor], source: str) -> None:
    """Put `tensors` into `network` as FP32, half precision included.

    Raises WeightsError with the first names and the counts of all that are missing, unexpected or of another shape, and
    for tensors that are not floating-point, not dense, not finite, or a variance below zero; `source` is the name of
    the file.
    """
    wanted = network.state_dict()
    _check_names(wanted, tensors, source)
    _check_shapes(wanted, tensors, source)
    values = {name: _value(wanted[name], tensors.get(name), name, source) for name in wanted}
    network.load_state_dict(values, assign=True)


def _check_names(wanted: Collection[str], found: Collection[str], source: str) -> None:
    missing = [name for name in wanted if name not in found and not name.endswith(_COUNTER)]
    unexpected = [name for name in found if name not in wanted]
    if missing or unexpected:
        faults = [
            f"{len(names)} of its tensors {verb} ({_listed(names)})"
            for names, verb in ((missing, "are missing"), (unexpected, "are unexpected"))
            if names
        ]
        raise WeightsError(f"{source} does not fit the network: {', '.join(faults)}", hint=_HINT)


def _check_shapes(wanted: Mapping[str, Tensor], found: Mapping[str, Tensor], source: str) -> None:
    shapes = [
        f"{name} is {list(found[name].shape)}, not {list(tensor.shape)}"
        for name, tensor in wanted.items()
        if name in found and found[name].shape != tensor.shape
    ]
    if shapes:
        count = f"{len(shapes)} tensors have another shape" if len(shapes) > 1 else "one tensor has another shape"
        raise WeightsError(f"{source} does not fit the network: {count} ({_listed(shapes)})", hint=_HINT)


def _listed(names: list[str]) -> str:
    shown = [name if len(name) <= 60 else f"{name[:59]}…" for name in names[:_NAMED]]
    return ", ".join(shown + (["…"] if len(names) > _NAMED else []))


def _value(wanted: Tensor, found: Tensor | None, name: str, source: str) -> Tensor:
    if not wanted.dtype.is_floating_point:
        return torch.zeros(wanted.shape, dtype=wanted.dtype)  # the counter
    assert found is not None
    if not found.dtype.is_floating_point or found.layout != torch.strided or found.device.type != "cpu":
        kind = f"{found.dtype}, {found.layout}, on {found.device}".replace("torch.", "")
        raise WeightsError(
            f"{source}: {name} is {kind}, not dense floating-point", hint="save weights as float32 or float16"
        )
    value = found.detach().to(torch.float32).contiguous()
    check_values(value.numpy(), name, source)
    return value
