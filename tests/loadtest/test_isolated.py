"""Functions in processes of their own."""

from pathlib import Path

import pytest

from loadtest.errors import LoadTestError
from loadtest.isolated import isolated
from loadtest.stack import check_published


def test_errors_pass_through_with_their_hint(tmp_path: Path) -> None:
    """What another process says is wrong reaches the user, and what to do."""
    with pytest.raises(LoadTestError, match="holds no version of faq_matcher") as caught:
        isolated(check_published, tmp_path, "faq_matcher", "publish one")
    assert caught.value.hint == "publish one"
