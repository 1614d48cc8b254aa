"""From what a user calls the weights to the file that holds them."""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from converters.image.core import UNTRAINED
from converters.image.download import Remote, fetch
from converters.progress import Progress

_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")


def locate(weights: str, published: Mapping[str, Remote], cache: Path, progress: Progress | None) -> Path | None:
    """The file of `weights`: the name of a published one or a URL, which are downloaded into `cache`, or a path.

    None for "untrained". Raises WeightsError when a download fails; a path is not looked at.
    """
    if weights == UNTRAINED:
        return None
    if weights not in published and not _URL.match(weights):
        return Path(weights)
    return fetch(published.get(weights) or Remote.of(weights), cache, progress)


def name(weights: str) -> str:
    """What replies call the weights: the file's name, without folders and a URL's query; "untrained" as it is."""
    return Path(urlsplit(weights).path if _URL.match(weights) else weights).name
