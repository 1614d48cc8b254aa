"""Locust's command line."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from loadtest.locust_users import options

if TYPE_CHECKING:
    from locust.argument_parser import LocustArgumentParser

DOCUMENT = Path(__file__).parents[3] / "docs" / "locust.md"


@pytest.fixture
def parser(monkeypatch: pytest.MonkeyPatch) -> "LocustArgumentParser":
    """Locust's parser with the options of this load test and no other ones."""
    monkeypatch.setenv("LOCUST_SKIP_MONKEY_PATCH", "1")  # or the import replaces sockets and threads
    from locust.argument_parser import get_empty_argument_parser

    parser = get_empty_argument_parser(add_help=False, default_config_files=())
    options.add(parser, ("faq", "image"))
    return parser


def test_the_document_explains_every_option(parser: "LocustArgumentParser") -> None:
    """docs/locust.md has a row for each: Locust's --help shows none of them."""
    document = DOCUMENT.read_text()
    (group,) = (each for each in parser._action_groups if each.title == "Scoring options")
    for action in group._group_actions:
        default = f"`{action.default}`" if action.default else ""
        row = [f"`{action.option_strings[0]}`", f"`{action.env_var}`", default, (action.help or "").replace("%%", "%")]
        assert f"| {' | '.join(row)} |" in document


def test_options_and_their_variables(parser: "LocustArgumentParser", monkeypatch: pytest.MonkeyPatch) -> None:
    """Objectives add up and stay texts, which is what workers can be told; the environment holds what is not given."""
    monkeypatch.setenv("LOCUST_GRPC_HOST", "https://scoring.example:443")
    given = parser.parse_args(shlex.split("--slo 'p99<1s,errors<1%' --slo 'faq: p50<9ms' --deadline 0.5"))
    assert given.slo == ["p99<1s,errors<1%", "faq: p50<9ms"]
    assert (given.grpc_host, given.deadline, given.polite) == ("https://scoring.example:443", 0.5, False)


def test_an_objective_from_the_environment(parser: "LocustArgumentParser", monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable holds one text, with as many objectives as it likes."""
    monkeypatch.setenv("LOCUST_SLO", "p99<1s,errors<1%")
    assert parser.parse_args([]).slo == ["p99<1s,errors<1%"]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("--slo 'noodle: p99<1s'", "argument --slo: there are no requests named 'noodle'; the names are faq, image"),
        ("--deadline 0", "argument --deadline: '0' is no number above zero"),
        ("--steps 1.5", "argument --steps: '1.5' is no whole number above zero"),
        ("--spike-factor many", "argument --spike-factor: 'many' is no whole number above zero"),
        ("--shape wave", "argument --shape: invalid choice: 'wave'"),
    ],
)
def test_bad_values(
    parser: "LocustArgumentParser", capsys: pytest.CaptureFixture[str], line: str, complaint: str
) -> None:
    """They end Locust with 2, and with what is wrong with which option."""
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(shlex.split(line))
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err
