"""Which files of a release are wanted where: a gateway reads no weights, Triton loads the newest versions alone."""

import msgspec

from registry import names
from registry.names import Part
from registry.release import File, Release


class Selection(msgspec.Struct, frozen=True):
    """A part of a release; `versions` is how many of each model's newest ones, None for all."""

    documents_only: bool = False
    training: bool = False
    versions: int | None = None

    @property
    def suffix(self) -> str:
        """What tells a folder with this part from one with another; empty for what Triton loads, in all versions."""
        words = ["documents"] * self.documents_only + ["training"] * self.training
        words += [f"newest{self.versions}"] if self.versions else []
        return "".join(f"-{word}" for word in words)

    def of(self, release: Release) -> tuple[File, ...]:
        """Return the files that are wanted."""
        parts = {Part.DOCUMENT} if self.documents_only else {Part.DOCUMENT, Part.MODEL}
        parts |= {Part.TRAINING} if self.training else set()
        wanted = {model: _newest(numbers, self.versions) for model, numbers in release.versions.items()}
        return tuple(
            file
            for file in release.files
            if names.part(file.path) in parts
            and (names.version(file.path) is None or names.version(file.path) in wanted[names.model(file.path)])
        )


def _newest(numbers: tuple[int, ...], most: int | None) -> frozenset[int]:
    return frozenset(numbers if most is None else numbers[-most:])
