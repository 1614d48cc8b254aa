"""From claims to a client."""

import re
from typing import Any

import pytest

from gateway.access.client import Scope
from gateway.access.oidc_claims import Claims, read_scopes
from gateway.settings import Settings, SettingsError


def claims(**changes: Any) -> dict[str, Any]:
    """Return claims of a token that allows nothing, changed."""
    return {"iss": "https://issuer", "sub": "someone", **changes}


@pytest.mark.parametrize(
    ("given", "scopes"),
    [
        ({}, set()),
        ({"scp": "faq"}, {Scope.FAQ}),
        ({"scope": "openid faq image"}, {Scope.FAQ, Scope.IMAGE}),
        ({"scp": ["faq", 7, None]}, {Scope.FAQ}),
        ({"roles": ["admin"]}, {Scope.ADMIN}),
        ({"scp": "faq", "roles": ["image", "other"]}, {Scope.FAQ, Scope.IMAGE}),
        ({"roles": {"admin": True}, "scp": 7}, set()),
        ({"scp": "FAQ administrator faq,admin"}, set()),
    ],
)
def test_scopes_and_roles(given: dict[str, Any], scopes: set[Scope]) -> None:
    """What a user consented to and what an administrator assigned count alike; all else allows nothing."""
    assert Claims(Settings()).client(claims(**given)).scopes == scopes


def test_names_are_mapped() -> None:
    """With a mapping only its names count, and one name may allow several things."""
    allowed = Claims(Settings(oidc_scopes="Scoring.Use=faq, Scoring.Use=image ,Operator=admin"))
    assert allowed.client(claims(scp="Scoring.Use faq")).scopes == {Scope.FAQ, Scope.IMAGE}
    assert allowed.client(claims(roles=["Operator"])).scopes == {Scope.ADMIN}


@pytest.mark.parametrize("text", ["faq", "Faq=", "=faq", "Faq=FAQ", "Faq=faq,", ",", "Faq=faq;Image=image", "a=b=faq"])
def test_a_mapping_that_cannot_be_read(text: str) -> None:
    """A bad mapping is refused by name, with what is expected."""
    with pytest.raises(SettingsError, match=re.escape(f"SCORING_OIDC_SCOPES={text!r}: expected NAME=SCOPE")):
        read_scopes(text)


def test_names_are_those_of_subjects() -> None:
    """One subject has one name whatever else a token says; others, and those of other issuers, have others."""
    made = Claims(Settings())
    name = made.client(claims()).name
    assert re.fullmatch("oidc:[0-9a-f]{12}", name)
    assert made.client(claims(scp="faq", azp="app")).name == name
    assert made.client(claims(sub="someone else")).name != name
    assert made.client(claims(iss="https://issuer2")).name != name
    assert made.client(claims(sub="\ud800")).name != name


def test_labels_are_applications_and_few() -> None:
    """The label is the application's id where it is short and plain, as long as there are not too many of them."""
    made = Claims(Settings())
    assert made.client(claims(azp="app-1")).label == "app-1"
    assert made.client(claims(appid="app-2")).label == "app-2"
    for other in ({}, {"azp": 7}, {"azp": ""}, {"azp": "a b"}, {"azp": "x" * 65}, {"azp": 'a"} 1\n'}):
        assert made.client(claims(**other)).label == "oidc"
    labels = {made.client(claims(azp=f"application-{number}")).label for number in range(1000)}
    assert "oidc" in labels
    assert len(labels) < 40
    assert made.client(claims(azp="app-1")).label == "app-1"
