"""Canonical text: what training, evaluation and serving all feed to the FAQ model.

Questions come as Stack Overflow HTML, as Markdown, or as plain words from a search box. Canonical text is lower-cased,
Unicode-normalised (NFKC) and made of tokens separated by single spaces; the model splits it at the spaces
and nowhere else.
"""

import html
import re
import unicodedata

# What Stack Overflow's posts may contain. Any other tag is something that the question is *about*
# ("append a <div>"), so its name stays as a word.
_MARKUP = (
    "a|b|blockquote|br|code|dd|del|dl|dt|em|h[1-6]|hr|i|img|kbd|li|ol|p|pre|s|strike|strong|sub|sup"
    "|table|tbody|td|th|thead|tr|ul"
)
# [^<>] stops at the next bracket, so a text full of "<" is read once, not once for every bracket.
_TAG = re.compile(rf"<(/?)({_MARKUP})(?:[\s/][^<>]*)?>|<!--[^<>]*>", re.IGNORECASE)
_LINK = re.compile(r"[a-z][a-z0-9+.-]{0,20}://\S*|(?<![a-z0-9_$@])www\.\S*")

# Scripts without spaces between words: a character is the token, its neighbours make the pairs.
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_NOT_CJK = "\u0080-\u303f\u3100-\u33ff\u4dc0-\u4dff\ua000-\uf8ff\ufb00-\U0001ffff\U00040000-\U0010ffff"
_WORD = f"[a-z0-9_$@{_NOT_CJK}]"
_MAX_TOKEN = 40  # longer ones are cut into pieces: one pasted blob must not widen a whole batch
_MAX_TOKENS = 500  # nobody asks in more words than that; what follows is not read
_TOKEN = re.compile(
    rf"(?<![a-z0-9_$@])(?:c\+\+|[cf]\#)"  # c++, c#, f#: not "c"
    rf"|[$_]\.[a-z]{{1,{_MAX_TOKEN}}}"  # $.ajax, _.map
    rf"|[0-9]{{1,12}}(?:\.[0-9]{{1,12}})+(?![0-9])"  # 0.1, 18.2.0
    rf"|{_WORD}{{1,{_MAX_TOKEN}}}(?:\.(?:js|ts|net|io)(?![a-z0-9_$@])|'(?:t|s|re|ve|ll|d|m)(?![a-z0-9_$@]))?"
    rf"|[{_CJK}]"
    r"|===|!==|==|!=|=>|>=|<=|&&|\|\||\?\?|\?\.|\+\+|--|\+=|-=|\*\*|\.\.\.|>>>|>>|<<|!!|\[\]|\{\}|\(\)|%"
)


def canonical(text: str) -> str:
    """Return the canonical form of a question: what the model was trained on and what it is asked with.

    Tags, code blocks and links go; inline code, operators and names such as ``c++``, ``node.js``, ``===`` or ``$.ajax``
    stay. Only when nothing but code was given does the code stand in for the question. The result is empty only for a
    text without a single word or operator. Idempotent; linear in the length of `text`; never raises.
    """
    return _tokens(_prose(text)) or _tokens(_TAG.sub(" ", text))


def _prose(text: str) -> str:
    """Drop tags, and what stands in <pre> blocks and Markdown fences."""
    if "```" in text:
        fenced = text.split("```")
        text = "\n".join(fenced[::2])
    if "<" not in text:
        return text
    kept: list[str] = []
    end = depth = 0
    for tag in _TAG.finditer(text):
        if depth == 0:
            kept.append(text[end : tag.start()])
        if (tag[2] or "").lower() == "pre":
            depth = max(0, depth + (-1 if tag[1] else 1))
        end = tag.end()
    if depth == 0:
        kept.append(text[end:])
    return " ".join(kept)


def _tokens(text: str) -> str:
    if "&" in text:
        text = html.unescape(text)
    text = text.lower() if text.isascii() else _normalized(text)
    if "://" in text or "www." in text:
        text = _LINK.sub(" ", text)
    tokens = _TOKEN.findall(text)
    if "www." in text:
        tokens = [token for token in tokens if not token.startswith("www.")]
    return " ".join(tokens[:_MAX_TOKENS])


def _normalized(text: str) -> str:
    # A typographic apostrophe is the same letter as the typewriter's; other compatible forms are NFKC's business.
    text = unicodedata.normalize("NFKC", text.replace("\u2019", "'")).lower()
    return unicodedata.normalize("NFKC", text.translate(_SEPARATORS))


class _Separators(dict[int, int | str]):
    """Maps punctuation, spaces and control characters outside ASCII to a space, invisible joiners to nothing."""

    def __missing__(self, code: int) -> int | str:
        category = unicodedata.category(chr(code))
        replacement: int | str = code
        if code > 0x7F and category[0] in "PZC":
            replacement = "" if category == "Cf" else " "
        if len(self) < 4096:  # remember common characters, not everything that a hostile text may hold
            self[code] = replacement
        return replacement


_SEPARATORS = _Separators()
