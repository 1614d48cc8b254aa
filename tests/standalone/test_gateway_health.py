"""What the supervisor makes of the gateway's /readyz."""

from standalone.gateway import Health, read_health


def test_every_model_answers() -> None:
    """A model that was not published is not waited for."""
    models = [{"name": "faq_matcher", "state": "ready"}, {"name": "resnet152", "state": "not_published"}]
    assert read_health({"status": "ready", "models": models}) == Health(answers=True, fault=None)


def test_one_of_several_models_does_not_answer() -> None:
    """The others do; the reason is the gateway's."""
    models = [
        {"name": "faq_matcher", "state": "ready"},
        {"name": "resnet152", "state": "not_ready", "reason": "resnet152 gave no answer within 1 s."},
    ]
    assert read_health({"status": "degraded", "models": models}) == Health(
        answers=True, fault="resnet152 gave no answer within 1 s."
    )
