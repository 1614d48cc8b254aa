"""Items in groups."""

import pytest

from loadtest.batches import batches


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_batches_are_full_and_begin_with_each_item(size: int) -> None:
    """Also when a batch is longer than the list of items."""
    made = list(batches(["a", "b", "c"], size))
    assert [batch[0] for batch in made] == ["a", "b", "c"]
    assert {len(batch) for batch in made} == {size}
    assert "".join(made[0]).startswith("abc"[:size])
