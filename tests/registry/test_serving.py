"""What is served from pulled releases: the gateway's catalogs, Triton's models."""

import asyncio
import shutil
from pathlib import Path

from gateway.catalog import Catalog
from gateway.catalogs import Catalogs
from registry.store import Store
from tests.doctor import healthy
from tests.doctor.healthy import diagnose, faults
from tests.registry.models import MODEL, write_model
from tests.registry.releasing import pulled, released


async def test_a_gateway_knows_what_is_pushed_while_it_runs(store: Store, repository: Path, tmp_path: Path) -> None:
    """Through `current`, the gateway's catalogs find a version that was pushed after it started, and keep the older."""
    target = tmp_path / "target"
    released(store, repository, ["live"])
    pulled(store, "live", target, documents_only=True)
    catalogs = Catalogs(target / "current", MODEL, Catalog.load)
    assert (await catalogs.current()).version == "2"
    write_model(repository, 3)
    released(store, repository, ["live"])
    await asyncio.to_thread(pulled, store, "live", target, documents_only=True)
    assert (await catalogs.answered("3")).version == "3"
    assert (await catalogs.answered("2")).version == "2"


async def test_readers_never_see_a_part(store: Store, repository: Path, tmp_path: Path) -> None:
    """While releases come and go, each version that all of them have is read whole, again and again."""
    target = tmp_path / "target"
    releases = [released(store, repository)]
    write_model(repository, 3)
    releases.append(released(store, repository))
    pulled(store, releases[0], target)

    async def switch() -> None:
        for number in range(20):
            await asyncio.to_thread(pulled, store, releases[number % 2], target)

    switching, reads = asyncio.create_task(switch()), 0
    while not switching.done():
        catalog = await Catalogs(target / "current", MODEL, Catalog.load).answered("2")
        assert len(catalog.entries) == 5
        reads += 1
    await switching
    assert reads > 0


def test_triton_can_load_what_was_pulled(store: Store, tmp_path: Path) -> None:
    """The doctor finds in a pulled release what it finds in the model repository that was pushed: nothing wrong."""
    repository = healthy.write_repository(tmp_path / "repository")
    assert faults(diagnose(repository)) == set()
    pulled(store, released(store, repository), tmp_path / "target")
    shutil.rmtree(repository)
    assert faults(diagnose(tmp_path / "target" / "current")) == set()
