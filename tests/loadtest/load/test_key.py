"""Where the API key comes from."""

from pathlib import Path

import pytest

from loadtest.errors import LoadTestError
from loadtest.load.key import read_key


def test_key_comes_from_file_or_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file first, without the line's end; neither means none."""
    monkeypatch.delenv("SCORING_API_KEY", raising=False)
    assert read_key(None) == ""
    monkeypatch.setenv("SCORING_API_KEY", "from-environment")
    assert read_key(None) == "from-environment"
    (tmp_path / "key").write_text("from-file\n")
    assert read_key(tmp_path / "key") == "from-file"


@pytest.mark.parametrize("content", [b"two words", b"two\nlines", "schl\u00fcssel".encode(), b"\xff"])
def test_what_is_no_key_is_refused_without_being_shown(content: bytes, tmp_path: Path) -> None:
    """It may hold a key after all."""
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(LoadTestError) as raised:
        read_key(tmp_path / "key")
    assert "two" not in str(raised.value)
    assert "SCORING_API_KEY" in raised.value.hint


def test_missing_file_is_named(tmp_path: Path) -> None:
    """With how to give a key."""
    with pytest.raises(LoadTestError, match="none cannot be read"):
        read_key(tmp_path / "none")
