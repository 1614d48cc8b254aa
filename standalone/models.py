"""The models of this product: their names in the repository, what people call them, how they are published."""

FAQ = "faq_matcher"
IMAGES = "resnet152"

TOPICS = {FAQ: "FAQ", IMAGES: "images"}
_COMMANDS = {FAQ: "scoring convert faq", IMAGES: "scoring convert resnet152"}


def topic(model: str) -> str:
    """Return what a model is about, for a message."""
    return TOPICS.get(model, model)


def publish_command(model: str) -> str:
    """Return the command that publishes a version of a model."""
    return _COMMANDS.get(model, "scoring convert --help")
