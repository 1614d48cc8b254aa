"""What the image benchmark measures, and what it needs for that."""

import json
from pathlib import Path

import pytest

from loadtest.errors import LoadTestError
from loadtest.figures import Kind, Load
from loadtest.images import benchmark, plan
from loadtest.images.beside import Together
from loadtest.images.card import read_card
from loadtest.images.engines import cpu_engines
from loadtest.images.int8 import can_be_made, command_line
from loadtest.images.plan import Material
from loadtest.meter import Round, Span
from tests.loadtest.images.tiny_model import write_version


def test_figures_are_named_after_engine_and_load(version: Path, material: Material) -> None:
    """Each engine with each batch; one core that decodes."""
    engines = cpu_engines(version / "model.onnx", "FP32")[:1]
    figures = [*plan.limits(engines, material.images), plan.decoding(material)]
    assert [str(figure) for figure in figures] == [
        *(f"In process, ONNX Runtime FP32, batch {batch}" for batch in (1, 8)),
        "Decoding alone, one core",
    ]
    assert [figure.load for figure in figures] == [Load(1, 1), Load(1, 8), Load(1, 1)]


def test_limits_are_measured_in_other_processes(version: Path, material: Material) -> None:
    """What is measured can be sent there, and gives figures."""
    engine = cpu_engines(version / "model.onnx", "FP32")[0]
    (figure,) = plan.limits([engine], material.images, [8])
    assert figure.drive(Span(0.01, 0.05)).requests > 0
    assert figure.subject.kind == Kind.IN_PROCESS


def test_other_work_goes_on_around_the_load() -> None:
    """It begins before the load and ends after it, its rate is remembered, and its failure fails the figure."""
    spans = []

    def drive(errors: int) -> Together:
        def other(span: Span) -> Round:
            spans.append(span)
            return Round(30, 3.0, errors, 1.0, 2.0)

        return Together(lambda span: Round(7, span.seconds, 0, 1.0, 1.0), other, "images")

    together = drive(errors=0)
    assert together(Span(0.01, 1.0)).requests == 7
    assert together.rates == [10.0]
    assert spans[0].seconds > 1.0
    with pytest.raises(LoadTestError, match="images: 1 requests failed"):
        drive(errors=1)(Span(0.01, 1.0))


def test_int8_is_made_of_the_same_weights(version: Path, tmp_path: Path) -> None:
    """The converter is told framework and weights of the published version; those of a file it cannot get again."""
    words = command_line(read_card(version), tmp_path / "pictures", tmp_path / "repository")
    assert words[1:3] == ["convert", "resnet152"]
    flags = dict(zip(words[3:-1:2], words[4:-1:2], strict=True))
    assert (flags["--framework"], flags["--weights"], flags["--precision"]) == ("torch", "untrained", "int8")
    assert can_be_made(read_card(version))
    assert not can_be_made(read_card(write_version(tmp_path / "1", weights="mine.pth")))


def test_benchmark_starts_from_fp32(tmp_path: Path) -> None:
    """A repository whose newest version is of another precision is refused, with what to do."""
    write_version(tmp_path / "resnet152" / "9")
    benchmark.check(tmp_path)
    write_version(tmp_path / "resnet152" / "10", precision="int8")
    with pytest.raises(LoadTestError, match=r"version 10 of resnet152 .* is int8") as caught:
        benchmark.check(tmp_path)
    assert "--repository DIR" in caught.value.hint


def test_unreadable_card_is_named(tmp_path: Path) -> None:
    """A card without weights is no card."""
    folder = write_version(tmp_path / "1")
    card = json.loads((folder / "model.json").read_text())
    del card["weights"]
    (folder / "model.json").write_text(json.dumps(card))
    with pytest.raises(LoadTestError, match=r"model\.json cannot be read: .*weights"):
        read_card(folder)
