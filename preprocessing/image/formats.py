"""Which format a file is of, by its content; which formats and media types are accepted."""

import re

from preprocessing.image.errors import NotAnImageError, WrongFormatError

# Pillow's name of each accepted format -> its media type.
MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
}
_HEAD = 2048  # bytes in which a format that is refused must show
_ACCEPTED = "JPEG, PNG, WEBP, GIF, BMP or TIFF"

# What clients call them besides: IANA's registry, and what browsers, phones and object stores send.
_ALIASES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/jfif": "image/jpeg",
    "image/mpo": "image/jpeg",
    "image/x-png": "image/png",
    "image/apng": "image/png",
    "image/vnd.mozilla.apng": "image/png",
    "image/x-bmp": "image/bmp",
    "image/x-ms-bmp": "image/bmp",
    "image/x-tiff": "image/tiff",
    "image/tif": "image/tiff",
}
_UNSPECIFIC = {"", "*/*", "image/*", "application/octet-stream", "binary/octet-stream"}

_SIGNATURES = {
    "JPEG": re.compile(rb"\xff\xd8\xff"),
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "WEBP": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "GIF": re.compile(rb"GIF8[79]a"),
    # Any text may begin with "BM": the size of the second header must be one that exists.
    "BMP": re.compile(rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", re.DOTALL),
    "TIFF": re.compile(rb"II\*\0|MM\0\*"),
}

# Formats that people send and that are refused, so that the error can name them: documents and vector formats would
# need an interpreter, video a codec; HEIC, AVIF and JPEG 2000 are not decoded everywhere that Pillow runs.
_REFUSED = {
    "SVG": re.compile(rb"\s*<(?:svg|[?!][^>]{0,500}>\s*(?:<!--.{0,500}?-->\s*)?<svg)", re.DOTALL),
    "HEIC": re.compile(rb"....ftyp(?:hei|hev|mif1|msf1)", re.DOTALL),
    "AVIF": re.compile(rb"....ftypavi", re.DOTALL),
    "video": re.compile(rb"....ftyp|\x1aE\xdf\xa3|RIFF....AVI", re.DOTALL),
    "JPEG XL": re.compile(rb"\xff\x0a|\0\0\0\x0cJXL "),
    "JPEG 2000": re.compile(rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51"),
    "PDF": re.compile(rb"\s*%PDF-"),
    "PostScript": re.compile(rb"%!PS|\xc5\xd0\xd3\xc6"),
    "Photoshop": re.compile(rb"8BPS"),
    "BigTIFF": re.compile(rb"II\+\0|MM\0\+"),
    "an icon": re.compile(rb"\0\0[\1\2]\0"),
}


def sniff(data: bytes) -> str:
    """The key in MEDIA_TYPES of what `data` holds; raises NotAnImageError."""
    for name, signature in _SIGNATURES.items():
        if signature.match(data):
            return name
    head = data[:_HEAD]
    for name, signature in _REFUSED.items():
        if signature.match(head):
            raise NotAnImageError(f"The content is {name}, which is not accepted; send {_ACCEPTED}.", _ACCEPTED, name)
    raise NotAnImageError(f"The content is not an image; send {_ACCEPTED}.", _ACCEPTED)


def check_media_type(declared: str | None, name: str) -> None:
    """Raise WrongFormatError unless the declared media type (None: none declared) may stand for the format `name`."""
    bare = (declared or "").partition(";")[0].strip().lower()
    bare = _ALIASES.get(bare, bare)
    found = MEDIA_TYPES[name]
    if bare in _UNSPECIFIC or bare == found:
        return
    if bare in MEDIA_TYPES.values():
        raise WrongFormatError(f"The content is {found}, but it was declared as {bare}.", bare, found)
    raise WrongFormatError(f"The content is {found}, but it was declared as another media type.", found, "another")
