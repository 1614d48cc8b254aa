"""What this load test adds to Locust's command line; environment variables hold the same, as Locust's own do.

Locust prints its --help before it reads a locustfile: these options are explained in docs/locust.md, with these texts.
"""

from argparse import ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from loadtest.errors import LoadTestError
from loadtest.locust_users import objectives, shapes

if TYPE_CHECKING:  # importing Locust changes the whole process
    from locust.argument_parser import LocustArgumentParser
    from locust.env import Environment


def given(environment: "Environment") -> Namespace:
    """Return what the command line says; of a run there always is one."""
    assert environment.parsed_options is not None
    options: Namespace = environment.parsed_options
    return options


def add(parser: "LocustArgumentParser", names: Sequence[str]) -> None:
    """Add the options; `names` are those that requests are counted under."""
    group = parser.add_argument_group("Scoring options")
    group.add_argument(
        "--slo",
        action="append",
        type=_slo(names),
        metavar="<text>",
        help="Objectives for all requests (`p99<50ms,errors<0.1%%`) or for those of one name, each protocol by itself "
        "(`faq: p99<50ms`); repeatable. Where one is missed, Locust ends with exit code 1.",
        env_var="LOCUST_SLO",
    )
    group.add_argument(
        "--grpc-host",
        default="127.0.0.1:8081",
        metavar="<host:port>",
        help="The gateway's gRPC address; with https:// before it TLS is spoken.",
        env_var="LOCUST_GRPC_HOST",
    )
    group.add_argument(
        "--triton-host",
        default="127.0.0.1:8001",
        metavar="<host:port>",
        help="Triton's gRPC address, for the users that ask it directly.",
        env_var="LOCUST_TRITON_HOST",
    )
    group.add_argument(
        "--deadline",
        type=_number(float),
        default=5.0,
        metavar="<seconds>",
        help="Seconds that each request has, over every protocol.",
        env_var="LOCUST_DEADLINE",
    )
    group.add_argument(
        "--polite",
        action="store_true",
        help="Wait after a refusal as long as it says (Retry-After); without, users go on at once.",
        env_var="LOCUST_POLITE",
    )
    group.add_argument(
        "--shape",
        choices=shapes.NAMES,
        help="Vary the number of users: `step` goes up to `--users` in equal steps, `spike` has them for the middle "
        "fifth, `soak` starts them slowly; `--run-time` is the whole.",
        env_var="LOCUST_SHAPE",
    )
    group.add_argument(
        "--steps",
        type=_number(int),
        default=shapes.Step.steps,
        metavar="<int>",
        help="Steps of `--shape step`.",
        env_var="LOCUST_STEPS",
    )
    group.add_argument(
        "--spike-factor",
        type=_number(int),
        default=shapes.Spike.factor,
        metavar="<int>",
        help="How many times as many users `--shape spike` has in its middle as before and after.",
        env_var="LOCUST_SPIKE_FACTOR",
    )


def _slo(names: Sequence[str]) -> Callable[[str], str]:
    def checked(text: str) -> str:
        try:
            objectives.parse(text, names)
        except LoadTestError as error:
            raise ArgumentTypeError(f"{error}; {error.hint}") from None
        return text  # workers are told the options in a format that knows texts, no objects

    return checked


def _number(kind: type[int] | type[float]) -> Callable[[str], float]:
    what = "whole number" if kind is int else "number"

    def checked(text: str) -> float:
        try:
            if (number := kind(text)) > 0:
                return number
        except ValueError:
            pass
        raise ArgumentTypeError(f"{text!r} is no {what} above zero")

    return checked
