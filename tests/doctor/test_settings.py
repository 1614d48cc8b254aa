"""What is wrong with the gateway's environment is found, by the gateway's own validation."""

from pathlib import Path

import pytest

from doctor.checks import gateway
from doctor.finding import Severity
from doctor.gateway_settings import from_flags
from tests.doctor.healthy import diagnose, write_repository

ERROR, WARNING = Severity.ERROR, Severity.WARNING
PLANTED: list[tuple[str, Severity, str, dict[str, str]]] = [
    ("gateway-settings", ERROR, "SCORING_PROT", {"SCORING_PROT": "80"}),
    ("gateway-settings", ERROR, "from 0 to 65535", {"SCORING_PORT": "80000"}),
    ("gateway-settings", ERROR, "asks for no keys", {"SCORING_HOST": "0.0.0.0"}),
    ("gateway-settings", ERROR, "/none.pem", {"SCORING_TLS_CERT": "/none.pem", "SCORING_TLS_KEY": "/none.pem"}),
    ("gateway-settings", ERROR, "SCORING_KEYS_FILE", {"SCORING_KEYS_FILE": "/nowhere/keys.json"}),
    ("gateway-models", WARNING, "'faq'", {"SCORING_FAQ_MODEL": "faq"}),
    ("gateway-batches", WARNING, "64 at most", {"SCORING_MAX_BATCH_SIZE": "128"}),
    ("gateway-batches", WARNING, "warmed up to 16", {"SCORING_MAX_IMAGE_BATCH_SIZE": "32"}),
    ("gateway-deadlines", ERROR, "SCORING_MAX_DEADLINE only 30 s", {"SCORING_DEADLINE": "60"}),
    ("gateway-deadlines", WARNING, "SCORING_READINESS_DEADLINE", {"SCORING_READINESS_DEADLINE": "20"}),
    ("gateway-workers", WARNING, "SCORING_WORKERS is 64", {"SCORING_WORKERS": "64"}),
    ("gateway-workers", WARNING, "decoding threads", {"SCORING_DECODE_THREADS": "1024"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A healthy repository that no test of this module changes."""
    return write_repository(tmp_path_factory.mktemp("healthy"))


@pytest.mark.parametrize(("check", "severity", "word", "environ"), PLANTED)
def test_planted_fault_is_found(
    repository: Path, check: str, severity: Severity, word: str, environ: dict[str, str]
) -> None:
    """The check of the fault reports it, and says what it has seen and what to do."""
    found = diagnose(repository, environ=environ, only=check).findings
    assert any(each.severity is severity and word in each.problem and each.advice for each in found), found


def test_several_wrong_variables_are_all_told(repository: Path) -> None:
    """The gateway itself stops at the first."""
    environ = {"SCORING_PORT": "x", "SCORING_GRACE": "-1", "SCORING_LOG_FORMAT": "xml"}
    assert len(diagnose(repository, environ=environ).findings) == 3


def test_variables_of_others_are_left_alone(repository: Path) -> None:
    """A client's key and what `scoring serve` hands to its engines are no settings of the gateway."""
    environ = {"SCORING_API_KEY": "rts_x", "SCORING_ENGINE_CORES": "2", "PATH": "/bin"}
    assert diagnose(repository, environ=environ).findings == []


def test_flags_are_read_in_both_forms() -> None:
    """A command line in a manifest may use either, and switches have no value."""
    words = ["--host=0.0.0.0", "--workers", "4", "--allow-anonymous", "--port", "80", "--check"]
    expected = {
        "SCORING_HOST": "0.0.0.0",
        "SCORING_WORKERS": "4",
        "SCORING_ALLOW_ANONYMOUS": "true",
        "SCORING_PORT": "80",
    }
    assert from_flags(words) == (expected, [])


def test_every_check_of_settings_has_a_planted_fault() -> None:
    """A new check needs one, too."""
    assert {check.id for check in gateway.CHECKS} == {check for check, *_ in PLANTED}
