"""What a run found, for people: a table of subjects and checks, and below it every finding."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from k8s.render.finding import Column, Finding, Result
from k8s.render.outcome import Outcome


def show(outcome: Outcome, console: Console) -> None:
    """Print the table, each finding below it with the overlays that have it, and a line that sums them up."""
    console.print(_table(outcome))
    found: dict[tuple[Column, Finding], list[str]] = {}
    for result in outcome.results:
        for finding in result.findings:
            found.setdefault((result.column, finding), []).append(result.row)
    for (column, finding), rows in found.items():
        _show(", ".join(rows), column, finding, console)
    count = len(found)
    style = "bold red" if count else "bold green"
    console.print(Text(f"{count} finding{'' if count == 1 else 's'}", style=style))


def _table(outcome: Outcome) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for column in Column:
        table.add_column(column.value, justify="right")
    for row in dict.fromkeys(each.row for each in outcome.results):
        cells = {each.column: each for each in outcome.results if each.row == row}
        table.add_row(row, *(_cell(cells.get(column)) for column in Column))
    return table


def _cell(result: Result | None) -> Text:
    if result is None:
        return Text("")
    count = len(result.findings)
    verdict = (f"{count} wrong", "bold red") if count else ("ok", "green")
    return Text.assemble(verdict, (f"  {result.looked_at:>3}  {result.seconds:4.1f} s", "dim"))


def _show(rows: str, column: Column, finding: Finding, console: Console) -> None:
    check = f"{column.value} {finding.rule}".strip()
    head = Text.assemble((rows, "bold"), "  ", (check, "cyan"), f"  {finding.object}")
    if finding.field:
        head.append(f"  {finding.field}", style="dim")
    console.print(head, soft_wrap=True)
    console.print(Text(finding.problem), soft_wrap=True)
    console.print(Text.assemble(("do: ", "green"), finding.advice), soft_wrap=True)
    console.print()
