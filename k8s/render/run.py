"""The whole of `scoring render`: render, compare, validate, judge."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from k8s.render import committed, overlays, policies, suppressions
from k8s.render.examination import Overlay
from k8s.render.finding import Column, Finding, Result
from k8s.render.generated import generated
from k8s.render.outcome import Outcome
from k8s.render.overlays import Rendering
from k8s.render.tools import Tools

OnStep = Callable[[str], None]  # told what begins


@dataclass(frozen=True)
class Request:
    """What to render and how to judge it: `folder` is k8s/, `names` are overlays, `whole` says that those are all."""

    folder: Path
    names: Sequence[str]
    tools: Tools
    models: Path
    check: bool
    whole: bool

    @property
    def steps(self) -> int:
        """How often a run says what begins."""
        return 2 + len(self.names) + (self.tools.checkov is not None)


def run(request: Request, on_step: OnStep = lambda _: None) -> Outcome:
    """Do it. Raises RenderError where kustomize or checkov cannot be run."""
    outcome = Outcome()
    meant = suppressions.read(request.folder)
    with TemporaryDirectory() as temporary:
        staged = Path(temporary)
        on_step("rendering with kustomize")
        rendered = _render(request, staged, outcome)
        scan = policies.Scan(request.tools.checkov, request.folder, staged) if request.tools.checkov else None
        with scan or nullcontext():
            _examine(request, staged, rendered, outcome, on_step)
            if scan:
                on_step("policies (checkov)")
                _judge(scan, outcome)
    outcome.suppress(meant, whole=request.whole and request.tools.checkov is not None)
    return outcome


def _render(request: Request, staged: Path, outcome: Outcome) -> list[str]:
    """Render, bring the committed files up to date, and leave copies for those who judge."""
    started = monotonic()
    renderings = overlays.render(request.folder, request.names)
    seconds = (monotonic() - started) / len(renderings)
    manifests = staged / policies.MANIFESTS
    manifests.mkdir()
    for each in renderings:
        findings = list(_files(each, request))
        outcome.results.append(Result(each.overlay, Column.FILES, 1, findings, seconds))
        if not each.failure:
            (manifests / f"{each.overlay}.yaml").write_text(each.text, encoding="utf-8")
    return [each.overlay for each in renderings if not each.failure]


def _files(rendering: Rendering, request: Request) -> Iterator[Finding]:
    if rendering.failure:
        source = f"overlays/{rendering.overlay}"
        yield Finding(source, "", f"kustomize fails: {rendering.failure}", "correct the file that it names")
    else:
        path = request.folder / "rendered" / f"{rendering.overlay}.yaml"
        content = committed.with_header(rendering.overlay, rendering.text)
        yield from committed.bring_up_to_date(path, content, committed.same_objects, check=request.check)


def _examine(request: Request, staged: Path, rendered: Sequence[str], outcome: Outcome, on_step: OnStep) -> None:
    on_step("generated files")
    outcome.add("generated", Column.FILES, len(generated()), _generated(request))
    for name in rendered:
        on_step(f"schemas and doctor: {name}")
        overlay = Overlay(
            staged / policies.MANIFESTS / f"{name}.yaml", request.tools.releases, request.tools.definitions
        )
        outcome.add(name, Column.KUBERNETES, len(overlay.own), overlay.kubernetes_faults())
        outcome.add(name, Column.CUSTOM, len(overlay.custom), overlay.custom_faults())
        outcome.add(name, Column.DOCTOR, overlay.size, overlay.doctor_faults(request.models))
        outcome.unknown.extend(overlay.unknown)


def _generated(request: Request) -> Iterator[Finding]:
    for path, write in generated().items():
        yield from committed.bring_up_to_date(request.folder / path, write(), committed.same_text, check=request.check)
    known = overlays.overlays(request.folder, ())
    yield from committed.obsolete(request.folder, set(known), check=request.check)


def _judge(scan: policies.Scan, outcome: Outcome) -> None:
    started = monotonic()
    found = scan.findings()
    seconds = monotonic() - started
    for row, files in {**dict.fromkeys(found, 0), **scan.files}.items():
        outcome.results.append(Result(row, Column.POLICIES, files, found.get(row, []), seconds))
