"""Canonical text: examples of what a question needs, and properties that hold for any text."""

import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preprocessing.text import canonical

EXAMPLES = {
    "How do I parse JSON?": "how do i parse json",
    "<p>What does <code>===</code> do?</p><pre><code>if (a === b) {}</code></pre>": "what does === do",
    "C++ or C#, not C": "c++ or c# not c",
    "node.js, Vue.js and socket.io": "node.js vue.js and socket.io",
    "$.ajax vs $('#id') vs _.map": "$.ajax vs $ id vs _.map",
    "document.getElementById('x') is null": "document getelementbyid x is null",
    "i18n in 18.2.0": "i18n in 18.2.0",
    "a => b && c || d ?? e?.f": "a => b && c || d ?? e ?. f",
    "spread ...args of []": "spread ... args of []",
    "I can\u2019t append a <div> to a &lt;ul&gt;": "i can't append a div to a ul",
    'see <a href="https://example.com/q?x=1">this question</a> or https://example.com/y and www.example.com': (
        "see this question or and"
    ),
    "Fenced\n```js\nlet x = 1\n```\ncode": "fenced code",
    "<PRE class='x'>var a</PRE> why": "why",
    "wie prüfe ich ein Array?": "wie prüfe ich ein array",
    "Как проверить массив": "как проверить массив",
    "数组 包含": "数 组 包 含",
    "हिन्दी में": "हिन्दी में",
    "\ufb01le \uff26\uff4f\uff4f": "file foo",
    "x<y and z>w": "x y and z w",
    "🤔": "🤔",
    "   \t\r\n ": "",
    "?!,;": "",
    "<pre>arr.includes(x)</pre>": "arr includes x",
    "<pre>never closed": "never closed",
    "nul\x00byte and lone \ud800 surrogate": "nul byte and lone surrogate",
    "a" * 41: "a" * 40 + " a",
    "a " * 2000: "a " * 499 + "a",
}

# Pieces that the rules look at, so that random texts really reach them.
PIECES = st.sampled_from([
    "<pre>", "</pre>", "<p>", "<a ", "href='x'>", "<!--", "-->", "```", "&", "&lt;", "&lt", "&amp;lt", "&#46;", "http://",
    "www.", ".", ".js", "'", "'t", "c++", "c#", "$.", "_.", "===", "=>", "<=", "...", "()", "%", "\u2019", "\u200b",
    "\u0301", "\ufe58", "\uff1c", "\u1e9e", "\u0130", "\u1100\u1161", "\U0001f914", "\u5b57", "\ud800", "\ufdfa",
])  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=5))).map("".join))


@pytest.mark.parametrize(("text", "expected"), EXAMPLES.items())
def test_examples(text: str, expected: str) -> None:
    """Names, operators, markup, links and alphabets that JavaScript questions hold come out as tokens."""
    assert canonical(text) == expected


@given(TEXTS)
def test_is_idempotent(text: str) -> None:
    """Canonical text is its own canonical text, so it may pass through the function any number of times."""
    once = canonical(text)
    assert canonical(once) == once


@given(TEXTS)
def test_output_alphabet(text: str) -> None:
    """Tokens are separated by single spaces, hold no other white space or markup, are lower-case and NFKC."""
    tokens = canonical(text).split(" ")
    assert tokens == [""] or all(token and not any(c.isspace() for c in token) for token in tokens)
    assert all(unicodedata.normalize("NFKC", token) == token for token in tokens)
    assert all(token.lower() == token and len(token) <= 44 and not token.startswith("www.") for token in tokens)


@given(st.text(st.characters(categories=["L", "N"]), min_size=1))
def test_no_alphabet_is_lost(text: str) -> None:
    """A question made of letters or digits of any script never becomes empty."""
    assert canonical(text)


LINEAR = """
import resource
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
from preprocessing.text import canonical
for unit in ["<", "<pre>", "<a ", "<!--", "&", "```", "http://", "a'", "c+", "0.", "$.", "\u0301", "\ufdfa"]:
    canonical(unit * (1_000_000 // len(unit)))
"""


def test_work_is_linear() -> None:
    """A million characters of any fragment end within a CPU budget that quadratic work (1e12 steps) cannot meet."""
    subprocess.run([sys.executable, "-c", LINEAR], check=True)
