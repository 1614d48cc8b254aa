"""The command `scoring models`: releases of the model repository, from a converter to the pods that serve them."""

import typer

from registry.pod_commands import follow, pull
from registry.reading_commands import diff, list_, show, verify
from registry.writing_commands import prune, push, tag

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="""Push, list, verify and pull releases of the model repository.

    A release is a set of files that never changes: configs, labels, each version's model, certificate and catalog.
    Its id is computed from its content; tags such as `live` point to releases.

    Exit code: 0 when all went well, 1 when the answer is no (damage found, releases differ, a push refused), 2 when
    it could not be done.
    """,
)

for command in (push, show, diff, verify, tag, prune, pull, follow):
    app.command()(command)
app.command("list")(list_)
