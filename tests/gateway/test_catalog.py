"""Catalogs on disk."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from gateway.catalog import Catalog
from gateway.catalogs import Catalogs
from gateway.errors import CatalogUnavailableError
from tests.gateway.faq import ENTRIES, write_version


def catalogs(repository: Path) -> Catalogs[Catalog]:
    """Catalogs of the FAQ model in a repository."""
    return Catalogs(repository, "faq_matcher", Catalog.load)


async def test_the_newest_version_is_current(tmp_path: Path) -> None:
    """Before any answer, the highest number on disk counts, compared as a number; other folders are overlooked."""
    for version in (2, 9, 10):
        write_version(tmp_path, version)
    (tmp_path / "faq_matcher" / ".staging-11").mkdir()
    assert (await catalogs(tmp_path).current()).version == "10"


async def test_the_answering_version_is_current(tmp_path: Path) -> None:
    """Once Triton has answered, its version counts, even when a newer one is on disk."""
    for version in (1, 2):
        write_version(tmp_path, version)
    both = catalogs(tmp_path)
    assert (await both.current()).version == "2"
    assert await both.answered("1") is await both.current()


async def test_a_catalog_is_read_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """However many requests meet a new version, its catalog is read a single time."""
    caplog.set_level("INFO")
    write_version(tmp_path)
    one = catalogs(tmp_path)
    found = await asyncio.gather(*(one.answered("1") for _ in range(20)))
    assert all(each is found[0] for each in found)
    assert len(caplog.records) == 1


async def test_a_cancelled_reader_does_not_stop_the_reading(tmp_path: Path) -> None:
    """A caller that leaves while the catalog is read does not spoil it for the others."""
    write_version(tmp_path)
    one = catalogs(tmp_path)
    leaving, staying = asyncio.create_task(one.answered("1")), asyncio.create_task(one.answered("1"))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).version == "1"


async def test_entries(tmp_path: Path) -> None:
    """An entry holds its line, and its JSON up to the probability."""
    write_version(tmp_path)
    catalog = await catalogs(tmp_path).answered("1")
    for expected in ENTRIES:
        entry = catalog.entries[expected.id]
        assert (entry.line.id, entry.line.question, entry.line.answer_id, entry.line.answer) == tuple(expected)
        assert json.loads(entry.json + b"0.5}") == {**expected._asdict(), "probability": 0.5}


async def test_old_versions_are_forgotten(tmp_path: Path) -> None:
    """Memory does not grow with the number of versions ever served."""
    many = catalogs(tmp_path)
    for version in range(1, 7):
        write_version(tmp_path, version)
        await many.answered(str(version))
    shutil.rmtree(tmp_path / "faq_matcher" / "1")
    with pytest.raises(CatalogUnavailableError):
        await many.answered("1")
    assert (await many.answered("6")).version == "6"


@pytest.mark.parametrize(
    ("file", "content", "detail"),
    [
        ("catalog.jsonl", None, "faq_matcher/1/catalog.jsonl cannot be read: No such file"),
        ("model.json", None, "faq_matcher/1/model.json cannot be read: No such file"),
        ("model.json", "{", "catalog of faq_matcher/1 is invalid"),
        ("model.json", "{}", "missing required field"),
        ("catalog.jsonl", "", "contradict"),
        ("catalog.jsonl", '{"id": 1}\n', "missing required field"),
        ("catalog.jsonl", '{"id": "1", "question": "", "answer_id": 1, "answer": ""}\n', "Expected `int`"),
        (
            "catalog.jsonl",
            json.dumps(ENTRIES[0]._asdict()) + "\n" + json.dumps(ENTRIES[0]._asdict()),
            "repeats the id 11",
        ),
    ],
)
async def test_a_broken_catalog(tmp_path: Path, file: str, content: str | None, detail: str) -> None:
    """A missing or broken file gives an error that names it, and no path of the machine."""
    path = write_version(tmp_path) / file
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises(CatalogUnavailableError, match=detail) as caught:
        await catalogs(tmp_path).answered("1")
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("card", [{"entries": 4}, {"version": 2}, {"golden": {"question": "?", "id": 99}}])
async def test_a_card_that_contradicts_its_catalog(tmp_path: Path, card: dict[str, Any]) -> None:
    """Card and catalog must speak of the same version and entries."""
    write_version(tmp_path, 1)
    path = tmp_path / "faq_matcher" / "1" / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | card))
    with pytest.raises(CatalogUnavailableError, match="contradict"):
        await catalogs(tmp_path).answered("1")


async def test_a_repaired_catalog_is_found(tmp_path: Path) -> None:
    """A failure is remembered for a second, and then the file that was missing is found."""
    path = write_version(tmp_path) / "catalog.jsonl"
    content = path.read_text()
    path.unlink()
    one = catalogs(tmp_path)
    with pytest.raises(CatalogUnavailableError):
        await one.answered("1")
    path.write_text(content)
    with pytest.raises(CatalogUnavailableError):
        await one.answered("1")
    await asyncio.sleep(1.1)
    assert (await one.answered("1")).version == "1"


@pytest.mark.parametrize("version", ["", "latest", "../1", "1/../1", "-1", "\u0661"])
async def test_a_version_is_a_number(tmp_path: Path, version: str) -> None:
    """What is not a number is no version, whatever the server reports."""
    write_version(tmp_path)
    with pytest.raises(CatalogUnavailableError, match="not a number"):
        await catalogs(tmp_path).answered(version)


async def test_an_empty_repository(tmp_path: Path) -> None:
    """A repository without the model, or without a version of it, is an error that says so."""
    with pytest.raises(CatalogUnavailableError, match="no version of faq_matcher"):
        await catalogs(tmp_path).current()
    (tmp_path / "faq_matcher").mkdir()
    with pytest.raises(CatalogUnavailableError, match="no version of faq_matcher"):
        await catalogs(tmp_path).current()


async def test_an_unreadable_folder(tmp_path: Path) -> None:
    """A folder that cannot be listed is an error that says so: it may well hold a version."""
    (tmp_path / "faq_matcher").write_text("not a folder")
    with pytest.raises(CatalogUnavailableError, match="folder of faq_matcher cannot be read: Not a directory"):
        await catalogs(tmp_path).current()
    assert await catalogs(tmp_path).published()


async def test_published_follows_the_disk(tmp_path: Path) -> None:
    """A model counts as published while the repository holds a version; when the last one goes, none is current."""
    one = catalogs(tmp_path)
    assert not await one.published()
    write_version(tmp_path)
    assert await one.published()
    assert (await one.current()).version == "1"
    shutil.rmtree(tmp_path / "faq_matcher" / "1")
    assert (await one.current()).version == "1"  # what was read stays, until somebody looks
    assert not await one.published()
    with pytest.raises(CatalogUnavailableError, match="no version"):
        await one.current()
