"""What differs between two releases: versions and configs, by model."""

from typing import Literal

import msgspec

from registry.release import File, Release

State = Literal["added", "removed", "changed"]


class Difference(msgspec.Struct, frozen=True):
    """A version that differs (`what` is its number), or a file of the model itself (its path)."""

    model: str
    what: str
    state: State
    files: tuple[str, ...] = ()


def differences(old: Release, new: Release) -> list[Difference]:
    """Return what differs, model by model."""
    models = sorted({*old.versions, *new.versions})
    return [difference for model in models for difference in (*_versions(old, new, model), *_configs(old, new, model))]


def _versions(old: Release, new: Release, model: str) -> list[Difference]:
    found = []
    for version in sorted({*old.versions.get(model, ()), *new.versions.get(model, ())}):
        before, after = old.of(model, version), new.of(model, version)
        if before != after:
            state: State = "changed" if before and after else "added" if after else "removed"
            changed = _changed(before, after) if state == "changed" else ()
            found.append(Difference(model, f"version {version}", state, changed))
    return found


def _configs(old: Release, new: Release, model: str) -> list[Difference]:
    before, after = old.of(model, None), new.of(model, None)
    known = {file.path for file in before}, {file.path for file in after}
    return [
        Difference(
            model, path, "changed" if path in known[0] & known[1] else "added" if path in known[1] else "removed"
        )
        for path in _changed(before, after)
    ]


def _changed(before: tuple[File, ...], after: tuple[File, ...]) -> tuple[str, ...]:
    return tuple(sorted({file.path for file in set(before) ^ set(after)}))
