"""
What an error says, clause by clause, as concepts: the words that count, without what they quote.

Quoted text, URLs, code, names of parameters and model ids are set aside: they belong to the
request, or to a document, and not to the complaint.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import pairwise, takewhile

from msgspec import Struct
from msgspec.structs import replace

from llmprobe.classify.rules.lexicon import COMPLAINTS, LEXICON, NEGATED, SUBJECTS, Concept

C = Concept
Pair = tuple[Concept, Concept]

_LONGEST = 4000
_LONGEST_WORD = 80
_ENDLESS = rf"[A-Za-z0-9_./:@+~%=&?#$*^<>|-]{{{_LONGEST_WORD + 1},}}"
_QUOTED = "\x01"
_NAME = "\x02"
"""Stands for a name with digits and hyphens, as models have."""
_ASIDE = (
    (r"```.*?```", f" {_QUOTED} "),
    (r"https?://\S+|www\.\S+|\b[\w.-]+\.(?:com|ai|org|io|net|dev)\b\S*", " "),
    (
        r"`[^`]{0,400}`|„[^“”]{0,2000}[“”]|“[^”]{0,2000}”|«[^»]{0,400}»|「[^」]{0,400}」|‘[^’]{0,400}’",
        f" {_QUOTED} ",
    ),
    (r'"[^"]{0,2000}"', f" {_QUOTED} "),
    (r"(?<![^\s(\[=:,])'[^'\n]{1,400}?'(?![\w])", f" {_QUOTED} "),
    (r"\{.*\}", f" {_QUOTED} "),
    (r"<[\w.]+(?: \w+){0,2} at 0x[0-9a-fA-F]+>", f" {_QUOTED} "),  # an object, as Python prints it
    (
        r"(?<![\w.])/\w[\w/-]*|\b[\w-]+\.(?:png|jpe?g|gif|webp|pdf|txt|json|csv|py|mp3|wav|md|yaml)\b",
        f" {_QUOTED} ",
    ),
    (r"\b\w+_\w+\.\w[\w.]*|\w*\[\d*\][\w.\[\]]*|\b[a-z_]\w*(?:\.\w+){2,}\b|\w+\.\d+\.[\w.]+", f" {_QUOTED} "),
    (
        r"\b[\w.-]*\d[\w.]*-[\w.:@-]*\b|\b[\w.]+-[\w.-]*\d[\w.:@-]*\b|\b[\w-]+/[\w./:-]*\d[\w./:-]*\b",
        f" {_NAME} ",
    ),
)
"""Patterns of what is not the speaker's own words, in the order in which they are set aside."""

_SENTENCES = r"[.!?]+(?=\s|$)|[;。！？；\n]+"
_CLAUSES = (
    r"[,，、]\s*|[()（）]|\s[-–—·|]+\s"
    r"|\s(?:due to|but|because|while|however|pero|aber|mais|mas|sondern)\s"
    r"|\s(?=(?:please|bitte|veuillez|por favor)\b)"
    r"|\s(?:or|and|oder|ou)\s(?=(?:you|your|it|is|the|has|does|try)\b)"
)
_WORD = r"[\x01\x02]|:|[a-z]+|\d+[a-z]*|[а-я]+|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]+"
_CAMEL = r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})"
_UNSPACED = r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]"
_ADJECTIVES = frozenset(
    {C.BAD, C.ABSENT, C.ENDED, C.SPENT, C.EXCEEDED, C.UNSUPPORTED, C.REQUIRED, C.GONE, C.BARRED, C.BIG}
)
_LINKS = frozenset(["is", "are", "was", "were", "be", "been", "being", "that", "which", "and"])
_REACH = 4
_IDENTIFIER = r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b|\b[A-Z][A-Za-z]+(?:Error|Exception)\b"
_MOST_IDENTIFIERS = 8
_AMOUNT = r"[$€£¥]\s?\d[\d.,]*"
_FROM_PLACE = r"(?<=[a-z]) from (?:[A-Z][a-z]+(?: [A-Z][a-z]+){0,2}(?=[.,;:!]|$)|[A-Z]{2}\b)"
"""`not available from Hong Kong`."""
_CLOUD_REGION = (
    r"\b(?:us|eu|europe|asia|ap|sa|af|me|ca|il|northamerica|southamerica|australia)"
    r"-[a-z]+(?:-[a-z]+)*-?\d[a-z]?\b"
)
_MODEL_PATH = r"(?<![\w:/.])[\w/.-]*\bmodels/[\w.@-]+"
"""`models/NAME`, as Google names its models."""
_SAID_5XX = (
    r"(?i)\b(?:returned|answered|responded with|replied with)(?: an?)?(?: http| status| error)*:? 5\d\d\b"
)
_SNAKE = r"\b[a-z]+(?:_[a-z0-9]+)+\b"
_POINTERS = frozenset({"see", "visit", "refer", "docs", "documentation"})


class Clause(Struct, frozen=True):
    """
    One clause: the subjects and complaints in it, and which complaint belongs to which subject.

    `advice` marks what the reader is asked to do: it says less about what is wrong. `sentence` counts from 0;
    `foreign` says that the sentence tells of fetching something from elsewhere.
    """

    tags: frozenset[Concept]
    pairs: frozenset[Pair]
    advice: bool = False
    sentence: int = 0
    foreign: bool = False


class Word(Struct):
    """A word or a phrase, and the concepts that it stands for."""

    text: str
    concepts: frozenset[Concept]


def clauses_of(text: str, *, keys: bool = False) -> tuple[Clause, ...]:
    """
    The clauses of a message that say something, in order.

    `keys` says that a bare "token" or "key" is a credential: so it is where the status is about credentials.
    """
    sentences = re.split(_SENTENCES, _plain(_own_words(_read(text))))
    return tuple(clause for i, one in enumerate(sentences) for clause in _in_sentence(one, i, keys=keys))


def _in_sentence(sentence: str, number: int, *, keys: bool) -> Iterator[Clause]:
    """Its clauses; what follows advice is advice: `try again, increasing the context size`."""
    advice = False
    foreign = C.FETCH in concepts_in(sentence)
    for part in re.split(_CLAUSES, sentence):
        clause = _clause(part, keys=keys, advice=advice)
        advice = advice or _is_advice(_words(part))
        if clause is not None:
            yield replace(clause, sentence=number, foreign=foreign)


def clause_of_identifier(identifier: str) -> Clause | None:
    """An identifier read as a short sentence: `insufficient_quota`, `ContentPolicyViolationError`."""
    return _clause(_plain(re.sub(_CAMEL, " ", _read(identifier)).replace(".", " ")), keys=True)


def identifiers_in(text: str) -> tuple[str, ...]:
    """Identifiers that stand in a sentence: `INVALID_PAYMENT_INSTRUMENT`, `RateLimitError`."""
    return tuple(dict.fromkeys(re.findall(_IDENTIFIER, _read(text))))[:_MOST_IDENTIFIERS]


def concepts_in(text: str) -> frozenset[Concept]:
    """Every concept anywhere in a text, quoted parts included."""
    return frozenset().union(*(word.concepts for word in words_of(text)))


def words_of(text: str) -> list[Word]:
    """Every word of a text with its concepts."""
    return _words(_plain(re.sub(_CAMEL, " ", _read(text))).replace("_", " "))


def _read(text: str) -> str:
    """
    What is read of a text: its beginning, without the ends of endless words. The patterns look for each
    end of a word from each of its beginnings, which may take a second for one of 4,000 characters.
    """
    return re.sub(_ENDLESS, lambda word: word[0][:_LONGEST_WORD], text[:_LONGEST])


def forget_index() -> None:
    """Read the lexicon anew: for measurements with another one."""
    _index.cache_clear()
    _lookup.cache_clear()


def _own_words(text: str) -> str:
    text = re.sub(_SAID_5XX, "failed", text)
    kept = re.sub(_CLOUD_REGION, " region ", re.sub(_MODEL_PATH, " model ", text))
    for pattern, placeholder in _ASIDE:
        kept = re.sub(pattern, placeholder, kept, flags=re.S)
    kept = re.sub(_SNAKE, _without_parameter, kept)
    kept = re.sub(_FROM_PLACE, " from country ", kept)
    own = kept if re.search(r"\w", re.sub(r"[\x01\x02]", "", kept)) else text
    return re.sub(_CAMEL, " ", own)


def _without_parameter(name: re.Match[str]) -> str:
    """An identifier in snake case stays where it is a complaint or a key: else it names a parameter."""
    clause = clause_of_identifier(name[0])
    tells = clause is not None and (clause.pairs or C.KEY in clause.tags)
    return name[0] if tells else f" {_QUOTED} "


def _plain(text: str) -> str:
    """Lower case, without accents, `n't` written out, identifiers and hyphens opened up."""
    text = re.sub(_AMOUNT, " dollar ", text.replace("’", "'").lower())
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        text = unicodedata.normalize("NFC", text)
    return (
        re.sub(r"n't\b", " not", text)
        .replace("cannot", "can not")
        .replace("one of the", "")
        .replace("-", " ")
    )


def _clause(text: str, *, keys: bool, advice: bool = False) -> Clause | None:
    words = _words(text.replace("_", " "))
    tags = frozenset().union(*(word.concepts for word in words))
    if not tags & (SUBJECTS | COMPLAINTS):
        return None
    _take_quote_for_subject(words)
    _take_yours_for_quota(words)
    advice = advice or _is_advice(words)
    _bend(words, advice=advice)
    tags = frozenset().union(*(word.concepts for word in words))
    pairs = frozenset(
        pair
        for i, word in enumerate(words)
        for c in word.concepts & COMPLAINTS
        for pair in _bind(words, i, c)
    )
    if C.KEYISH in tags and _is_key(tags, keys=keys):
        tags, pairs = (
            tags | {C.KEY},
            pairs | {(C.KEY, c) for s, c in pairs if s is C.KEYISH and c is not C.FAILED},
        )
    return Clause(tags - {C.OBLIQUE}, pairs, advice=advice)


def _is_key(tags: frozenset[Concept], *, keys: bool) -> bool:
    """A token may be a piece of text, a key a field of JSON; what ends or signs in is a credential."""
    if tags & {C.SIZE, C.CONTEXT, C.LIMIT}:
        return False
    return keys or (bool(tags & {C.ENDED, C.SIGN_IN}) and not tags & {C.REQUEST, C.THING})


def _take_quote_for_subject(words: list[Word]) -> None:
    """A clause that begins with a quotation is about what is quoted: a parameter, a value."""
    follows = words[1].concepts if len(words) > 1 else frozenset()
    if words and words[0].text in (_QUOTED, _NAME) and not follows & SUBJECTS:
        words[0].concepts = frozenset({C.REQUEST if words[0].text == _QUOTED else C.NAMED})


def _take_yours_for_quota(words: list[Word]) -> None:
    """The capacity of a provider is its own; `your capacity` is what it grants to you."""
    for before, word in pairwise(words):
        if before.text == "your" and C.CAPACITY in word.concepts:
            word.concepts = (word.concepts - {C.CAPACITY}) | {C.QUOTA}


def _is_advice(words: list[Word]) -> bool:
    return any(C.ADVICE in word.concepts for word in words[:2]) or any(w.text in _POINTERS for w in words)


def _bend(words: list[Word], *, advice: bool) -> None:
    """Negations turn good words into complaints, and so does advice: `use a valid key`."""
    for i, word in enumerate(words):
        good = word.concepts & NEGATED.keys()
        if good and (advice or _negated(words, i)):
            word.concepts = (word.concepts - good) | {NEGATED[c] for c in good}
        if (
            C.NOT in word.concepts
            and any(w.concepts & SUBJECTS for w in takewhile(_goes_on, words[i + 1 : i + 4]))
            and not _bends(words, i)
        ):
            word.concepts = word.concepts | {C.ABSENT}


def _goes_on(word: Word) -> bool:
    return word.text != ":"


def _negated(words: list[Word], i: int) -> bool:
    return any(C.NOT in w.concepts for w in words[max(0, i - _REACH) : i]) or any(
        w.text in ("nicht", "pas") for w in words[i + 1 : i + 3]
    )


def _bends(words: list[Word], i: int) -> bool:
    return any(w.concepts & NEGATED.keys() for w in words[i + 1 : i + 1 + _REACH])


def _bind(words: list[Word], i: int, complaint: Concept) -> list[Pair]:
    """The noun behind an adjective (`invalid key`), else the nearest before it without a preposition."""
    noun = _noun_behind(words, i) if complaint in _ADJECTIVES else frozenset()
    return [(subject, complaint) for subject in noun or _noun_before(words, i)]


def _noun_behind(words: list[Word], i: int) -> frozenset[Concept]:
    for j in range(i + 1, min(i + 1 + _REACH, len(words))):
        if C.OBLIQUE in words[j].concepts or words[j].text in _LINKS:
            return frozenset()
        if words[j].concepts & SUBJECTS:
            return _compound(words[j : j + 3])
    return frozenset()


def _noun_before(words: list[Word], i: int) -> frozenset[Concept]:
    own = words[i].concepts & SUBJECTS
    before = [j for j in range(i) if words[j].concepts & SUBJECTS]
    chosen = ([j for j in before if not _is_oblique(words, j)] or before)[-1:]
    return own | frozenset().union(*(_compound(words[max(0, j - 2) : j + 1][::-1]) for j in chosen))


def _compound(words: list[Word]) -> frozenset[Concept]:
    """The subjects of a compound noun: `monthly spending limit` is about a month, money and a limit."""
    found: frozenset[Concept] = frozenset()
    for word in words:
        if not word.concepts & SUBJECTS:
            break
        found |= word.concepts & SUBJECTS
    return found


def _is_oblique(words: list[Word], j: int) -> bool:
    return any(C.OBLIQUE in w.concepts for w in words[max(0, j - 2) : j])


def _words(text: str) -> list[Word]:
    """The words of a clause with their concepts; a phrase counts as one word."""
    raw = re.findall(_WORD, text)
    words: list[Word] = []
    i = 0
    while i < len(raw):
        size, concepts = _longest(raw, i)
        words.append(Word(" ".join(raw[i : i + size]), concepts))
        i += size
    return words


def _longest(raw: list[str], i: int) -> tuple[int, frozenset[Concept]]:
    if re.match(_UNSPACED, raw[i]):
        return 1, _in_unspaced(raw[i])
    for size in (3, 2):
        phrase = "_".join(raw[i : i + size])
        if len(raw) - i >= size and (concepts := _lookup(phrase)):
            return size, concepts
    return 1, _lookup(raw[i])


@cache
def _lookup(word: str) -> frozenset[Concept]:
    exact, beginnings, _ = _index()
    found = set(exact.get(word, ()))
    last = word.rfind("_") + 1
    for length in range(last + 1 if last else 3, len(word) + 1):
        found |= beginnings.get(word[:length], set())
    return frozenset(found)


def _in_unspaced(run: str) -> frozenset[Concept]:
    return frozenset(concept for entry, concept in _index()[2] if entry in run)


@cache
def _index() -> tuple[dict[str, set[Concept]], dict[str, set[Concept]], list[tuple[str, Concept]]]:
    """Words, beginnings, and entries of scripts without spaces; made at the first error that is read."""
    exact: dict[str, set[Concept]] = {}
    beginnings: dict[str, set[Concept]] = {}
    unspaced: list[tuple[str, Concept]] = []
    for concept, entries in LEXICON.items():
        for entry in _plain(entries).split():
            for spelled in spellings(entry):
                if re.search(_UNSPACED, spelled):
                    unspaced.append((spelled, concept))
                elif spelled.endswith("*"):
                    beginnings.setdefault(spelled[:-1], set()).add(concept)
                else:
                    exact.setdefault(spelled, set()).add(concept)
    return exact, beginnings, unspaced


def spellings(entry: str) -> list[str]:
    """`authori[sz]ed` is two spellings."""
    return [entry.replace("[sz]", letter) for letter in "sz"] if "[sz]" in entry else [entry]
