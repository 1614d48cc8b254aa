"""A diagnosis for people and for machines."""

import json
from itertools import groupby

from rich.console import Console
from rich.text import Text

from doctor.examination import Diagnosis
from doctor.finding import Finding, Severity

_COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow"}


def show(diagnosis: Diagnosis, console: Console, *, strict: bool) -> None:
    """Print the findings, grouped by file, and a line that sums them up."""
    for file, findings in groupby(diagnosis.findings, key=lambda each: each.file):
        console.print(Text(file, style="bold underline"), soft_wrap=True)
        for finding in findings:
            _show(finding, console)
        console.print()
    for each in diagnosis.skipped:
        console.print(Text(f"not looked at: {each}", style="dim"))
    console.print(_summary(diagnosis, strict=strict))


def _show(finding: Finding, console: Console) -> None:
    head = Text.assemble((finding.severity.upper(), _COLOURS[finding.severity]), "  ", (finding.check, "cyan"))
    if finding.where:
        head.append(f"  {finding.where}", style="dim")
    _indented(head, 2, console)
    _indented(Text(finding.problem), 4, console)
    _indented(Text.assemble(("do: ", "green"), finding.advice), 4, console)


def _indented(text: Text, columns: int, console: Console) -> None:
    for line in text.wrap(console, console.width - columns):
        line.rstrip()
        console.print(Text(" " * columns) + line)


def _summary(diagnosis: Diagnosis, *, strict: bool) -> Text:
    errors, warnings = (diagnosis.count(each) for each in (Severity.ERROR, Severity.WARNING))
    looked_at = diagnosis.looked_at
    scope = ", ".join(
        _counted(looked_at[name], name[:-1])
        for name in ("model", "config", "version", "manifest")
        for name in [f"{name}s"]
    )
    style = "bold green" if diagnosis.healthy(strict=strict) else "bold red"
    verdict = f"{_counted(errors, 'error')}, {_counted(warnings, 'warning')}"
    return Text.assemble((verdict, style), f" ({_counted(looked_at['checks'], 'check')}; {scope})")


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def as_json(diagnosis: Diagnosis, *, strict: bool) -> str:
    """Return the diagnosis as JSON."""
    content = {
        "healthy": diagnosis.healthy(strict=strict),
        "errors": diagnosis.count(Severity.ERROR),
        "warnings": diagnosis.count(Severity.WARNING),
        "looked_at": dict(diagnosis.looked_at),
        "skipped": list(diagnosis.skipped),
        "findings": [finding._asdict() for finding in diagnosis.findings],
    }
    return json.dumps(content, indent=2, ensure_ascii=False)
