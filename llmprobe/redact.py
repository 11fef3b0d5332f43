"""
Scrubbing of secrets, by value, from anything that is shown or stored.

Masking by header name misses the key that a provider echoes in an error message. So every secret
that was read is known here, and what comes back of it is replaced: in any case, percent-encoded,
escaped, in base64 or hex, whole or in a telling part.

A text is not searched for each secret. Every run of five characters of every secret is in one
table, and the text is looked up in it at a stride so short that no telling part falls between two
looks. The cost is that of one pass over the text, however many secrets there are.
"""

from __future__ import annotations

import json
import re
import sys
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote, urlsplit, urlunsplit

from llmprobe.decoded import Decoded, decoded
from llmprobe.pieces import Span, spans_in_pieces

MASK = "***"
SHORTEST = 6
"""A shorter secret is not looked for: it would be found in half of all words."""

_IN_QUERY = (
    r"(?i)((?:^|[&;#?])(?:[\w.-]*(?:key|token|secret|passw(?:or)?d|signature|credential|session)|sig|auth|code)=)"
    r"[^&;]*"
)
_SENSITIVE = r"(?i)auth|key|token|secret|cookie|password|credential"
_GRAM = 4
_TELLING, _TELLING_WORD, _TELLING_PROSE = 8, 12, 16
_LAYERS = 3
_WOVEN, _WOVEN_SHARE = 4096, 64
"""So many of the looks into a long text (one for four characters) find a piece of a secret: no prose does."""
_VENDORS = b"sk|pk|rk|ak|gsk|csk|hf|xai|nvapi|pplx|fw|r8|tgp|ghp|gho|ghs|ghu|github_pat|glpat|xox[abp]"
_PUBLIC_PREFIX = rb"(?:" + _VENDORS + rb")[-_](?:[a-z]{2,5}\d{0,2}[-_])*|aiza|akia|eyj"
"""What vendors write before a key, and everybody may read. Other words before a hyphen are of the secret."""
_WORD = rb"[a-z_]{1,18}"
_BASE64 = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789+/-_=")


class Form(NamedTuple):
    """
    One spelling of a secret, in lower case and ASCII.

    What comes before `core` is a vendor's own prefix (`sk-ant-api03-`), which tells nothing. `least`
    characters from there on are a telling part. `is_word`: it may be one of our own words, too.
    """

    text: bytes
    core: int
    least: int
    is_word: bool
    is_base64: bool = False


class Redactor:
    """Replaces known secrets in text; `caught` counts what was left for the net."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known: set[str] = set()
        self._forms: list[Form] = []
        self._grams: dict[int, list[tuple[Form, int]]] = {}
        self._indexed = 0
        self._starts: Sequence[int] = (0,)
        self.caught = 0
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> bool:
        """Remember a secret in every form in which it may be echoed; False where it is too short."""
        secret = secret.strip()
        if len(secret) < SHORTEST:
            return False
        if secret not in self._known:
            self._known.add(secret)
            self._forms += _forms_of(secret)
        return True

    def scrubbed(self, text: str, limit: int | None = None) -> str:
        """The text without secrets, and without what stands beyond its first `limit` characters."""
        spans = [(0, len(text))] if self._is_woven(text) else self.spans(text)
        if not spans and (limit is None or len(text) <= limit):
            return text
        return _replaced(text, spans, len(text) if limit is None else limit)

    def suspects(self, text: str) -> bool:
        """Whether there may be a secret in it."""
        return self._is_woven(text) or bool(self.spans(text))

    def _is_woven(self, text: str) -> bool:
        """
        Whether a text is made of pieces of secrets: looking at each would take seconds, and none of it is
        worth showing.
        """
        if not self._known or len(text) < _WOVEN:
            return False
        self._index()
        return len(self._known_grams(_folded(text))) > len(text) // _WOVEN_SHARE + _WOVEN // 4

    def __call__(self, text: str) -> str:
        """
        The net below: for text that is on its way out, whose foreign parts are clean already. A secret
        that could be one of our own words is left: it would be replaced in the syntax of a document.
        """
        spans = self.spans(text, words=False)
        self.caught += len(spans)
        return _replaced(text, spans, len(text)) if spans else text

    def spans(self, text: str, *, words: bool = True) -> list[Span]:
        """Where secrets stand, in order and apart."""
        if not self._known or len(text) < SHORTEST:
            return []
        self._index()
        data = _folded(text)
        found = list(self._scan(data, words))
        layers: list[Decoded] = []
        while len(layers) < _LAYERS and (layer := decoded(data)) is not None:
            layers.append(layer)
            data = layer.data
            found += [_original(span, layers) for span in self._scan(data, words)]
        return _merged(found)

    def scrubbed_in_pieces(self, text: str, limit: int | None = None) -> str:
        """As `scrubbed`, and without secrets whose pieces stand apart, as the deltas of a stream do."""
        found = self.spans(text)
        if self._known:
            found = _merged([*found, *spans_in_pieces(text, self.spans)])
        return _replaced(text, found, len(text) if limit is None else limit)

    def ending(self, text: str) -> str:
        """The text without a secret that was cut off at its end: the beginning of one is no word."""
        if not self._known:
            return text
        end = _folded(text[-256:])
        cut = max((n for form in self._forms for n in _cut_off(form, end)), default=0)
        return text[: len(text) - cut] + MASK if cut else text

    def _index(self) -> None:
        """What was added since the last look joins the table."""
        for form in self._forms[self._indexed :]:
            if form.least < 2 * _GRAM - 1:
                self._starts = (0, 2)
            for place in range(form.core, len(form.text) - _GRAM + 1):
                gram = int.from_bytes(form.text[place : place + _GRAM], sys.byteorder)
                self._grams.setdefault(gram, []).append((form, place))
        self._indexed = len(self._forms)

    def _scan(self, data: bytes, words: bool) -> Iterator[Span]:
        done = 0
        for at, gram in self._known_grams(data):
            if at < done:
                continue
            matches = (
                match
                for form, place in self._grams[gram]
                if (words or not form.is_word) and (match := _matched(data, at, form, place))
            )
            best = max(matches, key=lambda span: span[1] - span[0], default=None)
            if best is not None:
                done = best[1]
                yield best

    def _known_grams(self, data: bytes) -> list[tuple[int, int]]:
        """(place, four characters as a number) of every fourth place, or second, that may be in a secret."""
        grams, found = self._grams, []
        for start in self._starts:
            numbers = memoryview(data[start : start + (len(data) - start) // _GRAM * _GRAM]).cast("I")
            if not grams.keys().isdisjoint(numbers):
                found += [(start + _GRAM * n, gram) for n, gram in enumerate(numbers) if gram in grams]
        return sorted(found) if len(self._starts) > 1 else found


def _original(span: Span, layers: Sequence[Decoded]) -> Span:
    for layer in reversed(layers):
        span = layer.original(*span)
    return span


def _forms_of(secret: str) -> Iterator[Form]:
    plain = _folded(secret)
    is_word = re.fullmatch(_WORD, plain) is not None
    prefix = re.match(_PUBLIC_PREFIX, plain)
    core = prefix.end() if prefix and len(plain) - prefix.end() >= SHORTEST else 0
    least = min(len(plain) - core, _least(plain))
    if core:  # what looks like a vendor's prefix may be part of a password: half of the rest is telling
        least = min(least, max(SHORTEST, (len(plain) - core) // 2))
    spellings = (
        secret,
        secret.replace(" ", "+"),
        json.dumps(secret)[1:-1],
        quote(secret, safe="", errors="replace"),
    )
    for spelling in dict.fromkeys(map(_folded, spellings)):
        yield Form(spelling, core, least, is_word)
    data = secret.encode("utf-8", "replace")
    yield Form(data.hex().encode(), 2 * core, 2 * least, False)
    for before in range(3):
        yield from _base64_forms(data, before, least)


def _least(plain: bytes) -> int:
    """How many characters in a row are a telling part."""
    if b" " in plain:
        return max(_TELLING_PROSE, len(plain) // 2)
    return _TELLING if any(48 <= c <= 57 for c in plain) else max(_TELLING_WORD, len(plain) // 2)


def _base64_forms(data: bytes, before: int, least: int) -> Iterator[Form]:
    """What base64 makes of it after `before` more bytes, whatever they are: `Bearer KEY`, `user:KEY`."""
    text = b64encode(b"\0" * before + data)
    core = text[-(-8 * before // 6) : 8 * (before + len(data)) // 6].lower()
    wanted = min(len(core), -(-4 * least // 3))
    if wanted >= SHORTEST:
        for spelling in {core, core.replace(b"+", b"-").replace(b"/", b"_")}:
            yield Form(spelling, 0, wanted, False, is_base64=True)


def _matched(data: bytes, at: int, form: Form, place: int) -> Span | None:
    """The stretch around `at` that is the form from around `place` on, where it is a telling part."""
    left, known = 0, form.text
    while left < min(at, place) and data[at - left - 1] == known[place - left - 1]:
        left += 1
    right, room = _GRAM, min(len(data) - at, len(known) - place)
    while right < room and data[at + right] == known[place + right]:
        right += 1
    if place + right - max(place - left, form.core) < form.least:
        return None
    start, end = at - left, at + right
    if form.is_base64:  # the characters at both ends hold some bits of it, too
        start -= start > 0 and data[start - 1] in _BASE64
        end += end < len(data) and data[end] in _BASE64
    return start, end


def _cut_off(form: Form, end: bytes) -> Iterator[int]:
    """Lengths of endings that are a beginning of the form."""
    least = min(len(form.text), form.core + SHORTEST)
    for length in range(min(len(form.text), len(end)), least - 1, -1):
        if end.endswith(form.text[:length]):
            yield length


def _replaced(text: str, spans: Iterable[Span], limit: int) -> str:
    parts, done = [], 0
    for start, end in spans:
        if start >= limit:
            break
        parts += [text[done:start], MASK]
        done = end
    parts.append(text[done : max(done, limit)])
    return "".join(parts)


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _folded(text: str) -> bytes:
    """In lower case, a byte for each character; what is not ASCII is `?`."""
    return text.encode("ascii", "replace").lower()


def without_credentials(url: str) -> str:
    """A URL fit for showing: user info and telling query values masked; all of it where it is no URL."""
    if not any(mark in url for mark in "@?#["):
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return MASK
    netloc = parts.netloc
    if "@" in netloc:
        netloc = f"{MASK}@{netloc.rpartition('@')[2]}"
    query, fragment = (re.sub(_IN_QUERY, rf"\1{MASK}", part) for part in (parts.query, parts.fragment))
    return urlunsplit((parts.scheme, netloc, parts.path, query, fragment))


SCRUB = Redactor()
"""The process's own redactor: credentials are added as they are read."""


def masked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Values of headers that may hold a credential are masked; a scheme such as Bearer stays."""
    return {name: _masked(value) if re.search(_SENSITIVE, name) else value for name, value in headers.items()}


def _masked(value: str) -> str:
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {MASK}" if space and scheme.isalpha() else MASK
