"""Label files: names of an output's elements, one a line."""

from collections.abc import Iterator
from math import prod
from pathlib import Path

from doctor.check import config_check
from doctor.files import UnreadableError, read_text
from doctor.finding import Fault, wrong
from doctor.patient import Patient
from doctor.repository.model import Config

BYTES = 64 << 20


@config_check("labels", "A label file is there and names as many classes as the output has.")
def labels(config: Config, _: Patient) -> Iterator[Fault]:
    """One line more or less, and every class behind it has another one's name."""
    for output in config.proto.output:
        if not output.label_filename:
            continue
        part = f"output {output.name}"
        try:
            count = line_count(config.model.folder / output.label_filename)
        except UnreadableError as error:
            yield wrong(
                f"its label file {output.label_filename} {error}",
                "put it beside config.pbtxt (`scoring convert` does)",
                part,
            )
            continue
        width = prod(dim for dim in output.dims if dim > 0)
        if count != width:
            yield wrong(
                f"{output.label_filename} names {count:,} classes, the output has {width:,}: names are shifted",
                "use the label file that belongs to the model, one line for each class and none besides",
                part,
            )


def line_count(path: Path) -> int:
    """Return how many lines a file has. Raises UnreadableError."""
    return len(read_text(path, BYTES).splitlines())


CHECKS = [labels]
