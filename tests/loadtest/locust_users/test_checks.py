"""What is found before a run starts."""

from argparse import Namespace
from pathlib import Path

import pytest

from loadtest.errors import LoadTestError
from loadtest.locust_users.checks import check


def _options(**given: object) -> Namespace:
    return Namespace(**{"host": None, "html_file": None, "json_file": None, **given})


def test_places_are_looked_at_and_left_as_they_are(tmp_path: Path) -> None:
    """Folders are made, files are not: a name may have places that Locust fills in at the end."""
    check(_options(host="https://scoring.example", html_file=str(tmp_path / "new" / "{u}.html")))
    assert list((tmp_path / "new").iterdir()) == []


def test_a_report_that_cannot_be_written(tmp_path: Path) -> None:
    """It is refused at the start, not after the run."""
    (tmp_path / "file").write_text("")
    with pytest.raises(LoadTestError, match=r"^--html .*report.html cannot be written: "):
        check(_options(html_file=str(tmp_path / "file" / "report.html")))


def test_a_host_without_scheme() -> None:
    """It says how to write one."""
    with pytest.raises(LoadTestError, match=r"^--host localhost:8080 is no URL$"):
        check(_options(host="localhost:8080"))


@pytest.mark.parametrize("key", ["rts_a b", "rts_a\n", "schlüssel"])
def test_a_key_that_no_header_takes(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    """It is refused, and not shown."""
    monkeypatch.setenv("SCORING_API_KEY", key)
    with pytest.raises(LoadTestError, match="SCORING_API_KEY holds white space") as caught:
        check(_options())
    assert key not in str(caught.value)
