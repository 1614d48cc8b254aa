"""Checkpoints: what is loaded unchanged, what is refused, and with which words; nothing is ever executed."""

import io
import os
import pickle
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from converters.errors import WeightsError
from converters.image.resnet import ResNet
from converters.image.torch_source import restored, untrained

BLOCKS, WIDTH = (1, 1, 1, 1), 4
State = dict[str, Any]


@pytest.fixture(scope="module")
def network() -> ResNet:
    """A network of four blocks with random weights."""
    return untrained(0, BLOCKS, WIDTH)


@pytest.fixture
def state(network: ResNet) -> State:
    """Its tensors, to be spoilt by the tests."""
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def _load(path: Path) -> ResNet:
    return restored(path, BLOCKS, WIDTH)


def _saved(content: object, path: Path, **options: Any) -> Path:
    torch.save(content, path, **options)
    return path


def _same(one: ResNet, other: ResNet) -> bool:
    pairs = zip(one.state_dict().items(), other.state_dict().items(), strict=True)
    return all(a == b and torch.equal(x, y) for (a, x), (b, y) in pairs if not a.endswith("tracked"))


WRITERS: dict[str, Callable[[State, Path], object]] = {
    "plain": torch.save,
    "safetensors": save_file,
    "safetensors, whatever the name": save_file,
    "legacy format": lambda state, path: torch.save(state, path, _use_new_zipfile_serialization=False),
    "in a dictionary": lambda state, path: torch.save({"epoch": 90, "state_dict": state, "lr": 0.1}, path),
    "torchvision's training script": lambda state, path: torch.save({"model": state, "epoch": 3}, path),
    "DataParallel": lambda state, path: torch.save({f"module.{name}": item for name, item in state.items()}, path),
    "compiled and parallel": lambda state, path: torch.save(
        {"state_dict": {f"module._orig_mod.{name}": item for name, item in state.items()}}, path
    ),
    "parameters": lambda state, path: torch.save(
        {name: torch.nn.Parameter(item) if item.is_floating_point() else item for name, item in state.items()}, path
    ),
    "without counters": lambda state, path: torch.save(
        {name: item for name, item in state.items() if not name.endswith("num_batches_tracked")}, path
    ),
    "double": lambda state, path: torch.save({name: item.double() for name, item in state.items()}, path),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_loads_what_training_scripts_write(writer: str, network: ResNet, state: State, tmp_path: Path) -> None:
    """Every usual way of saving gives the same network back."""
    path = tmp_path / ("weights.safetensors" if writer == "safetensors" else "weights.pth")
    WRITERS[writer](state, path)
    assert _same(_load(path), network)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_becomes_single(dtype: torch.dtype, network: ResNet, state: State, tmp_path: Path) -> None:
    """Half-precision checkpoints are loaded as FP32, their values as they were saved."""
    halved = {name: item.to(dtype) if item.is_floating_point() else item for name, item in state.items()}
    loaded = _load(_saved(halved, tmp_path / "half.pth")).state_dict()
    assert {tensor.dtype for tensor in loaded.values()} == {torch.float32, torch.int64}
    assert torch.equal(loaded["fc.weight"], halved["fc.weight"].float())


def _without(state: State, *names: str) -> State:
    return {name: item for name, item in state.items() if name not in names}


def _replaced(state: State, name: str, value: object) -> State:
    return {**state, name: value}


def _spoilt(state: State, name: str, value: float) -> State:
    state[name].view(-1)[1] = value
    return state


REFUSED: dict[str, tuple[Callable[[State], object], str]] = {
    "missing tensors": (
        lambda state: _without(state, "conv1.weight", "fc.weight", "fc.bias", "bn1.bias"),
        "weights.pth does not fit the network: 4 of its tensors are missing (conv1.weight, bn1.bias, fc.weight, …)",
    ),
    "unexpected tensors": (
        lambda state: state | {"layer1.9.conv1.weight": torch.zeros(1)},
        "1 of its tensors are unexpected (layer1.9.conv1.weight)",
    ),
    "renamed": (
        lambda state: {name.replace("conv", "convolution"): item for name, item in state.items()},
        (
            "13 of its tensors are missing (conv1.weight, layer1.0.conv1.weight, layer1.0.conv2.weight, …), "
            "13 of its tensors are unexpected (convolution1.weight,"
        ),
    ),
    "endless names": (lambda state: state | {"x" * 100_000: torch.zeros(1)}, "are unexpected (xxx"),
    "another number of classes": (
        lambda state: state | {"fc.weight": torch.zeros(37, 128), "fc.bias": torch.zeros(37)},
        "2 tensors have another shape (fc.weight is [37, 128], not [1000, 128], fc.bias is [37], not [1000])",
    ),
    "transposed": (lambda state: _replaced(state, "fc.weight", torch.zeros(128, 1000)), "one tensor has another shape"),
    "quantized": (
        lambda state: _replaced(state, "fc.bias", torch.zeros(1000, dtype=torch.int8)),
        "fc.bias is int8, strided, on cpu, not dense floating-point",
    ),
    "complex": (lambda state: _replaced(state, "fc.bias", torch.zeros(1000, dtype=torch.complex64)), "is complex64"),
    "sparse": (lambda state: _replaced(state, "fc.weight", torch.zeros(1000, 128).to_sparse()), "sparse_coo"),
    "meta": (lambda state: _replaced(state, "fc.bias", torch.zeros(1000, device="meta")), "on meta"),
    "NaN": (lambda state: _spoilt(state, "layer2.0.bn2.weight", float("nan")), "layer2.0.bn2.weight holds 1 values"),
    "infinity": (lambda state: _spoilt(state, "fc.weight", float("inf")), "fc.weight holds 1 values that are NaN"),
    "overflow": (
        lambda state: _replaced(state, "fc.bias", torch.full((1000,), 1e300, dtype=torch.float64)),
        "fc.bias holds 1,000 values that are NaN, infinite or too large for FP32",
    ),
    "negative variance": (lambda state: _spoilt(state, "bn1.running_var", -1e-3), "bn1.running_var holds a variance"),
    "empty": (lambda state: {}, "weights.pth holds no tensors by name but an empty dictionary"),
    "empty inside": (lambda state: {"state_dict": {}}, "holds no tensors by name but an empty dictionary"),
    "a tensor": (lambda state: torch.zeros(3), "holds no tensors by name but a Tensor"),
    "a list": (lambda state: list(state.values()), "holds no tensors by name but a list"),
    "other things": (lambda state: {"epoch": 3, "accuracy": 0.7}, "holds a int as 'epoch', not a tensor"),
    "numbers for names": (lambda state: dict(enumerate(state.values())), "holds a Tensor as '0', not a tensor"),
    "a whole model": (
        lambda state: ResNet(BLOCKS, WIDTH),
        "weights.pth holds converters.image.resnet.ResNet, which would have to be executed; it was not",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_what_does_not_fit(case: str, state: State, tmp_path: Path) -> None:
    """The error names the file, what is wrong, the first tensors and their number, and says what would do."""
    spoil, message = REFUSED[case]
    path = _saved(spoil(state), tmp_path / "weights.pth")
    with pytest.raises(WeightsError) as caught:
        _load(path)
    assert message in str(caught.value)
    assert caught.value.hint


class _Malice:
    """Runs a command when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.marker}",)


@pytest.mark.parametrize("form", ["pickle", "checkpoint", "legacy checkpoint", "among the tensors"])
def test_executes_nothing(form: str, state: State, tmp_path: Path) -> None:
    """Code in a file is named and not run, wherever it hides."""
    marker, path = tmp_path / "executed", tmp_path / "weights.pth"
    malice: Any = _Malice(marker)
    match form:
        case "pickle":
            path.write_bytes(pickle.dumps(malice))
        case "checkpoint":
            torch.save(malice, path)
        case "legacy checkpoint":
            torch.save(malice, path, _use_new_zipfile_serialization=False)
        case _:
            torch.save(state | {"fc.bias": malice}, path)
    told = "no checkpoint" if form == "pickle" else "holds posix.system, which would have to be executed; it was not"
    with pytest.raises(WeightsError, match=told):
        _load(path)
    assert not marker.exists()


def test_refuses_torchscript(tmp_path: Path) -> None:
    """A TorchScript archive is a program: it is refused by that name."""
    path = tmp_path / "weights.pt"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("constants.pkl", "data.pkl", "version"):
            archive.writestr(f"weights/{name}", b"3\n")
    path.write_bytes(buffer.getvalue())
    with pytest.raises(WeightsError, match="TorchScript, which would have to be executed"):
        _load(path)


@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_refuses_damaged_files(suffix: str, state: State, tmp_path: Path) -> None:
    """Whatever a file is cut to, and whichever of its bytes are overwritten, there is a WeightsError or a network."""
    path = tmp_path / f"weights.{suffix}"
    (save_file if suffix == "safetensors" else torch.save)(state, path)
    whole = path.read_bytes()
    for length in (0, 1, 8, 9, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(WeightsError, match="is truncated, or no checkpoint"):
            _load(path)
    draw = random.Random(0)
    for _ in range(60):
        spoilt = bytearray(whole)
        for _ in range(draw.choice((1, 20))):
            spoilt[draw.randrange(2000)] = draw.randrange(256)
        path.write_bytes(spoilt)
        try:
            _load(path)
        except WeightsError:
            continue


@pytest.mark.parametrize(
    "content", [b"\0" * 1000, b"<!DOCTYPE html>" * 100, b"\xff\xd8\xff\xe0JFIF" * 50, b"PK\3\4" * 9]
)
def test_refuses_other_files(content: bytes, tmp_path: Path) -> None:
    """An error page, a picture or a broken archive in a checkpoint's place is no checkpoint."""
    path = tmp_path / "weights.pth"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"weights.pth \([\d,]+ bytes\) is truncated, or no checkpoint"):
        _load(path)


def test_refuses_what_is_no_file(tmp_path: Path) -> None:
    """A missing path and a folder are named."""
    with pytest.raises(WeightsError, match=r"cannot read .*missing.pth: No such file or directory"):
        _load(tmp_path / "missing.pth")
    with pytest.raises(WeightsError, match="is not a file"):
        _load(tmp_path)


def test_refuses_archives_that_unpack_to_more_than_they_are(state: State, tmp_path: Path) -> None:
    """A compressed archive of a few kilobytes could fill the memory; torch compresses nothing."""
    path = _saved({"conv1.weight": torch.zeros(10_000_000)}, tmp_path / "weights.pth")
    with zipfile.ZipFile(path) as plain, zipfile.ZipFile(tmp_path / "bomb.pth", "w", zipfile.ZIP_DEFLATED) as bomb:
        for entry in plain.infolist():
            bomb.writestr(entry.filename, plain.read(entry))
    with pytest.raises(WeightsError, match=r"bomb.pth has [\d,]+ bytes but claims to hold 40,"):
        _load(tmp_path / "bomb.pth")


def test_a_checkpoint_may_not_claim_tensors_that_it_does_not_hold(state: State, tmp_path: Path) -> None:
    """A tensor that repeats one value a billion times has another shape than the network's, never written out."""
    repeated: Tensor = torch.zeros(1).expand(1_000_000_000)
    path = _saved(state | {"fc.bias": repeated}, tmp_path / "weights.pth")
    with pytest.raises(WeightsError, match=r"fc.bias is \[1000000000\], not \[1000\]"):
        _load(path)
