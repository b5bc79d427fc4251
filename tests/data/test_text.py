"""Folding: what counts as the same title, artist or song."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.text import fold, match_key, search_terms, song_title, spaced, typo_keys


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Beyoncé", "beyonce"),
        ("Sigur Rós", "sigur ros"),
        ("Mø", "mo"),
        ("STRASSE straße", "strasse strasse"),
        ("Don't Stop", "dont stop"),
        ("Don’t  Stop!", "dont stop"),
        ("AC/DC", "ac dc"),
        ("A$AP Rocky", "asap rocky"),
        ("P!nk", "pink"),
        ("R.E.M.", "rem"),
        ("Simon & Garfunkel", "simon and garfunkel"),
        ("ＡＢＣ", "abc"),
        ("İstanbul", "istanbul"),
        ("Ёлка", "елка"),
    ],
)
def test_folds_case_accents_and_punctuation(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize("text", ["달라달라", "夜に駆ける", "ガラス", "ぎんが", "Табор", "مرحبا", "हिन्दी"])
def test_keeps_the_characters_of_other_scripts(text: str) -> None:
    assert fold(text) == text.casefold()


def test_folds_decomposed_hangul_and_half_width_kana_to_the_usual_form() -> None:
    assert fold("한글") == "한글"
    assert fold("ﾊﾛｰ") == "ハロー"


@pytest.mark.parametrize("text", ["?", "+", "!!!", "***", "♥"])
def test_symbols_alone_stay_so_that_no_title_is_empty(text: str) -> None:
    assert fold(text) == text


@given(st.text())
def test_only_blank_text_folds_to_nothing(text: str) -> None:
    assert fold(text) or not text.strip() or not any(character.isalnum() for character in text)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("title", "song"),
    [
        ("Go - Remastered 2011", "Go"),
        ("Go - 2011 Remaster", "Go"),
        ("Go (Radio Edit)", "Go"),
        ("Go - Single Version", "Go"),
        ("Go (Original Mix) [Remastered 2009]", "Go"),
        ("Go - 2003 Remaster - Mono", "Go"),
        ("Go (feat. Someone)", "Go"),
        ("Go (with Someone)", "Go"),
        ("Go - Featuring Someone Else", "Go"),
        ("GO. FEAT. SOMEONE.", "GO."),
        ("Go feat. Someone (Radio Edit)", "Go"),
        ('Go - From "The Film"', "Go"),
        ('Go - 7" Version', "Go"),
    ],
)
def test_guests_and_remarks_on_the_same_recording_are_dropped(title: str, song: str) -> None:
    assert song_title(title) == song


@pytest.mark.parametrize(
    "title",
    [
        "Go - Live",
        "Go - Acoustic",
        "Go - Somebody Remix",
        "Go (Somebody Edit)",
        "Go - Spanish Version",
        "Go - Instrumental",
        "Go - Club Mix",
        "Go, Pt. 2",
        "Go (Away With Me)",
        "(Remastered)",
        "ft. Lauderdale",
        "Without You",
        "1999",
    ],
)
def test_other_songs_keep_their_whole_title(title: str) -> None:
    assert song_title(title) == title


def test_a_remix_with_a_guest_stays_a_remix() -> None:
    assert match_key("Go (feat. Someone) - Remix", "X") == match_key("Go - Remix", "X") != match_key("Go", "X")


def test_the_match_key_joins_versions_and_parts_artists() -> None:
    assert match_key("Go - Radio Edit", "Beyoncé") == match_key("GO", "Beyonce") != match_key("Go", "Someone")


@pytest.mark.parametrize(("one", "other"), [("?", "+"), ("夜", "昼"), ("봄", "밤"), ("…", "!!!")])
def test_titles_without_latin_letters_keep_different_keys(one: str, other: str) -> None:
    assert match_key(one, "X") != match_key(other, "X")


def test_terms_part_hangul_and_kana_from_the_letters_beside_them() -> None:
    assert search_terms("달라달라DALLA dalla") == ["달라달라", "dalla", "dalla"]
    assert spaced("달라") == "달 라"
    assert spaced("dalla") == "dalla"


@given(st.text("abc", min_size=1, max_size=9), st.integers(0, 8), st.sampled_from("abc"), st.integers(0, 3))
def test_words_one_edit_apart_share_a_typo_key(word: str, at: int, letter: str, kind: int) -> None:
    at %= len(word)
    edited = [
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
    ][kind]
    assert not edited or typo_keys(word) & typo_keys(edited)
