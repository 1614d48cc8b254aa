"""What a run needs besides the overlays: looked for before anything is done."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Self

from k8s.render import crds, kubernetes
from k8s.render.crds import Definitions
from k8s.render.policies import program

RELEASES = ("1.33", "1.34", "1.35", "1.36")


class Tools(NamedTuple):
    """Releases of Kubernetes, the oldest first; definitions of custom resources, if any; checkov, if wanted."""

    releases: Sequence[str]
    definitions: Definitions | None
    checkov: Path | None

    @classmethod
    def found(cls, releases: Sequence[str], definitions: Path | None, *, policies: bool) -> Self:
        """Return them. Raises RenderError for what is not there."""
        for each in releases:
            kubernetes.release(each)
        return cls(releases, crds.read(definitions) if definitions else None, program() if policies else None)
