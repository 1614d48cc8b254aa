"""What a run of `scoring render` found, and what nobody looked at."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from time import monotonic

from doctor.manifests.resource import Resource
from doctor.tree import text
from k8s.render import suppressions
from k8s.render.finding import Column, Finding, Result
from k8s.render.suppressions import Suppression

_FROM_CLUSTER = "from your cluster: kubectl get crd -o yaml > DIR/crds.yaml"


@dataclass
class Outcome:
    """Results as they come, and the custom resources whose definitions are not at hand."""

    results: list[Result] = field(default_factory=list)
    unknown: list[Resource] = field(default_factory=list)

    @property
    def faulty(self) -> bool:
        """Whether anything is wrong."""
        return any(each.findings for each in self.results)

    def add(self, row: str, column: Column, looked_at: int, findings: Iterable[Finding]) -> None:
        """Evaluate findings and keep them, with the time that it took."""
        started = monotonic()
        found = list(findings)
        self.results.append(Result(row, column, looked_at, found, monotonic() - started))

    def suppress(self, meant: Sequence[Suppression], *, whole: bool) -> None:
        """Leave out what is meant that way; after a `whole` run, useless suppressions are findings."""
        self.results, useless = suppressions.apply(meant, self.results)
        if whole:
            self.add("suppressions", Column.POLICIES, len(meant), suppressions.useless(useless))

    def not_validated(self, *, definitions: bool) -> str:
        """Say which custom resources nobody looked at; empty for none."""
        kinds = sorted({f"{each.kind} ({text(each.raw, 'apiVersion')})" for each in self.unknown})
        if not kinds:
            return ""
        how = "their definitions are not in that folder" if definitions else "give their definitions with --crds DIR"
        return f"not validated: {', '.join(kinds)}; {how} ({_FROM_CLUSTER})"
