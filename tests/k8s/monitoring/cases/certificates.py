"""Certificates of gateways."""

from tests.k8s.monitoring.promtool import Case
from tests.k8s.monitoring.scraped import gateway

_DAY = 86400
_EXPIRY = "scoring_tls_certificate_expiry_timestamp_seconds"


CASES = [
    Case("ScoringCertificateExpires", "in 20 days", {gateway(_EXPIRY, worker="0"): f"{20 * _DAY}x100"}, "90m"),
    Case("ScoringCertificateExpires", "in 60 days", {gateway(_EXPIRY, worker="0"): f"{60 * _DAY}x100"}, "90m", 0),
    Case("ScoringCertificateExpires", "no TLS in the gateway", {gateway("up"): "1x100"}, "90m", 0),
    Case("ScoringCertificateExpiresSoon", "in two days", {gateway(_EXPIRY, worker="0"): f"{2 * _DAY}x100"}, "30m"),
    Case("ScoringCertificateExpiresSoon", "it has expired", {gateway(_EXPIRY, worker="0"): "60x100"}, "30m"),
    Case(
        "ScoringCertificateExpiresSoon",
        "it was renewed",
        {gateway(_EXPIRY, worker="0"): f"{2 * _DAY}x5 {90 * _DAY}x100"},
        "30m",
        0,
    ),
]
