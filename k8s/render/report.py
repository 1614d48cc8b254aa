"""What a run found, for people: a table of subjects and checks, and below it every finding."""

from itertools import groupby

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from k8s.render.finding import Column, Finding, Result
from k8s.render.outcome import Outcome


def show(outcome: Outcome, console: Console) -> None:
    """Print the table, the findings below it and a line that sums them up."""
    console.print(_table(outcome))
    for row, results in groupby(sorted(outcome.results, key=lambda each: each.row), key=lambda each: each.row):
        for result in results:
            for finding in result.findings:
                _show(row, result.column, finding, console)
    count = sum(len(each.findings) for each in outcome.results)
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


def _show(row: str, column: Column, finding: Finding, console: Console) -> None:
    head = Text.assemble((row, "bold"), "  ", (f"{column.value} {finding.rule}".strip(), "cyan"), f"  {finding.object}")
    if finding.field:
        head.append(f"  {finding.field}", style="dim")
    console.print(head, soft_wrap=True)
    console.print(Text(finding.problem), soft_wrap=True)
    console.print(Text.assemble(("do: ", "green"), finding.advice), soft_wrap=True)
    console.print()
