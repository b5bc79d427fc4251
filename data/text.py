"""How titles, artists and search queries are folded: the one way for songs, the search index and the gateway."""

import re
import unicodedata

FEATURING = r"(?:feat|ft|featuring)\b\.?"
_GUESTS = re.compile(
    rf"\s*[(\[]\s*(?:{FEATURING}|with\b)[^)\]]*[)\]]|(?:\s+-)?\s+{FEATURING}.*?(?=\s+-\s|[(\[]|$)", re.I
)
_REMARK = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]|\s+-\s+((?:(?!\s-\s).)+)$")
_SOUNDTRACK = re.compile(r"from\s+[\"“”‘’']|from the .*(?:soundtrack|motion picture|film|movie)", re.I)
_SAME_RECORDING = frozenset(
    "remaster remastered remasterizado remasterizada version edit edited mono stereo explicit clean dirty main "
    "original bonus".split()
)
_SAME_RECORDING_MIX = frozenset("original radio single album extended stereo mono main".split())
_FILLERS = frozenset(
    "digital digitally album single lp ep radio video short extended full length deluxe edition anniversary track mix "
    "new the in us uk bit inch th st nd rd".split()
)
_APOSTROPHES = "'’‘ʼ`´′"
_LETTERS = {"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ё": "е"}
_DOLLAR_S = re.compile(r"\$(?=[^\W\d])|(?<=[^\W\d])\$")  # A$AP, Ke$ha
_BANG_I = re.compile(r"(?<=[^\W\d])!(?=[^\W\d])")  # P!nk
_INITIALS = re.compile(r"\b(\w)\.(?=\w\b)")  # R.E.M.
_SPACELESS = (
    r"\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"  # Hangul
    r"\u3005\u3040-\u30ff\u31f0-\u31ff"  # kana
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Han
)
_SPACELESS_CHARACTER = re.compile(f"([{_SPACELESS}])")
_SPACELESS_RUN = re.compile(f"([{_SPACELESS}]+)")


class _Characters(dict[int, str]):
    """Translation table of `str.translate`, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_character(chr(code))
        return folded


def _fold_character(character: str) -> str:
    if character in _APOSTROPHES or unicodedata.name(character, "").startswith("COMBINING"):
        return ""
    if character in _LETTERS:
        return _LETTERS[character]
    if unicodedata.name(character, "").startswith("LATIN"):
        return unicodedata.normalize("NFD", character)[0]
    keep = character.isalnum() or unicodedata.category(character).startswith("M")
    return character if keep else " "


_CHARACTERS = _Characters()


def fold(text: str) -> str:
    """Text for comparing: compatibility forms, case and Latin accents folded, punctuation gone, words one space apart.

    Hangul, kana and every other script keep their characters. Text of symbols alone ("?", "+") stays as it is, so that
    only text without a visible character folds to "".
    """
    text = unicodedata.normalize("NFKC", text).casefold()
    words = text.replace("&", " and ")
    for mark, pattern, letter in (("$", _DOLLAR_S, "s"), ("!", _BANG_I, "i"), (".", _INITIALS, r"\1")):
        if mark in words:
            words = pattern.sub(letter, words)
    folded = " ".join(words.translate(_CHARACTERS).split())
    return folded or "".join(character for character in text if character.isprintable() and character != " ")


def _is_same_recording(remark: str) -> bool:
    if _SOUNDTRACK.match(remark):
        return True
    words = set(fold(remark).split())
    has_year = any(word.isdigit() for word in words)
    plain = {word for word in words if not word.rstrip("thsndr").isdigit()}
    named = plain & _SAME_RECORDING or ("mix" in plain and (has_year or plain & _SAME_RECORDING_MIX))
    return bool(named) and plain <= _SAME_RECORDING | _FILLERS


def song_title(title: str) -> str:
    """The title without guests ("feat. …") and without remarks that name the same recording ("- Remastered 2011").

    Remixes, live, acoustic, instrumental and translated versions are other songs and keep their remark.
    """
    if not any(mark in title for mark in ("(", "[", " - ")) and not re.search(FEATURING, title, re.I):
        return title
    stripped = _GUESTS.sub(" ", title)
    while True:
        shorter = _REMARK.sub(
            lambda found: " " if _is_same_recording(found[1] or found[2] or "") else found[0], stripped
        ).strip()
        if shorter == stripped.strip():
            return shorter or title
        stripped = shorter


def match_key(title: str, artist: str) -> str:
    """The song's identity: folded song title and folded first artist. Equal keys are versions of one song."""
    return f"{fold(song_title(title)) or title.strip()}|{fold(artist) or artist.strip()}"


def search_terms(text: str) -> list[str]:
    """The words of a text for searching; a run of Hangul, kana or Han is one term, apart from letters beside it."""
    folded = fold(text)
    return (folded if folded.isascii() else _SPACELESS_RUN.sub(r" \1 ", folded)).split()


def spaced(term: str) -> str:
    """The term as the index spells it: characters of scripts that run words together stand alone."""
    return term if term.isascii() else " ".join(_SPACELESS_CHARACTER.sub(r" \1 ", term).split())


def is_spaceless(term: str) -> bool:
    """Whether the term is of a script searched by any part of it (Hangul, kana, Han)."""
    return bool(_SPACELESS_CHARACTER.match(term))


TYPO_PREFIX = 5
"""Letters of a word that its typo keys cover; beyond them a typo cannot hide the word."""


def typo_keys(word: str) -> set[str]:
    """The word's first letters, and these with any one letter left out.

    Two words one edit apart share a key (deletion neighbourhoods: Garbe, SymSpell; Bocek et al. 2007).
    """
    prefix = word[:TYPO_PREFIX]
    return {prefix} | {prefix[:i] + prefix[i + 1 :] for i in range(len(prefix))}
