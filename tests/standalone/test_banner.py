"""What an operator is told when everything works."""

import json
from pathlib import Path

import pytest

from standalone import banner, repository
from standalone.models import FAQ, IMAGES

URL = "http://127.0.0.1:8080"


def publish(folder: Path, model: str, card: object, version: int = 1) -> Path:
    """Write a version with its model.json; return its folder."""
    published = folder / model / str(version)
    published.mkdir(parents=True)
    (folder / model / "config.pbtxt").touch()
    (published / "model.json").write_text(json.dumps(card))
    return published


def test_each_model_that_is_served_has_a_line_to_try(tmp_path: Path) -> None:
    """The question is the FAQ's golden one, the picture the one that the newest image version is checked with."""
    publish(tmp_path, FAQ, {"golden": {"question": "How do I sort? I tried", "id": 1}})
    publish(tmp_path, IMAGES, {})
    (publish(tmp_path, IMAGES, {}, version=12) / "golden.png").touch()
    faq, image = banner.tries(repository.read(tmp_path), URL)
    assert '"question": "How do I sort?"' in faq
    assert image == (
        f"  curl -s --data-binary @{tmp_path}/resnet152/12/golden.png -H 'content-type: image/png' "
        f"'{URL}/v1/images/classify?top_k=3'"
    )


def test_lines_for_a_gateway_with_tls(tmp_path: Path) -> None:
    """The line names the certificate, or curl would not trust it."""
    publish(tmp_path, FAQ, {})
    (line,) = banner.tries(repository.read(tmp_path), "https://127.0.0.1:8080", "my files/tls.crt")
    assert line.startswith("  curl -s --cacert 'my files/tls.crt' https://127.0.0.1:8080/v1/faq/match ")


def test_a_picture_below_the_current_folder_is_named_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line stays short enough to be read."""
    (publish(tmp_path / "repository", IMAGES, {}) / "golden.png").touch()
    monkeypatch.chdir(tmp_path)
    (line,) = banner.tries(repository.read(Path("repository")), URL)
    assert "--data-binary @repository/resnet152/1/golden.png " in line


def test_a_model_without_something_to_try_has_no_line(tmp_path: Path) -> None:
    """A version that was made by hand has no golden picture; a model of another kind has no path of its own."""
    publish(tmp_path, IMAGES, {})
    publish(tmp_path, "tags", {})
    assert list(banner.tries(repository.read(tmp_path), URL)) == []


def test_random_weights_are_said_loudly(tmp_path: Path) -> None:
    """With the command that publishes trained ones."""
    publish(tmp_path, FAQ, {})
    publish(tmp_path, IMAGES, {"weights": "untrained"})
    (warning,) = banner.warnings(repository.read(tmp_path))
    assert warning.startswith("resnet152 HAS RANDOM WEIGHTS")
    assert "scoring convert resnet152 --weights imagenet" in warning


@pytest.mark.parametrize("card", [{"weights": "imagenet-v2"}, {}, []])
def test_other_weights_need_no_warning(tmp_path: Path, card: object) -> None:
    """Neither does a version of which nothing is known."""
    publish(tmp_path, IMAGES, card)
    assert list(banner.warnings(repository.read(tmp_path))) == []
