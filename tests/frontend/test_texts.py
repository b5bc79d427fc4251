import re
from pathlib import Path
from string import Formatter

import pytest

from frontend import gateway_client
from frontend.gateway_client import GatewayProblem
from frontend.texts import LANGUAGES, TEXTS, Words, escaped

ROOM = Path(__file__).parents[2] / "frontend"
SOURCES = "\n".join(path.read_text("utf-8") for path in ROOM.glob("*.py") if path.name != "texts.py")


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", TEXTS)
def test_every_text_is_there_in_each_language_with_the_same_places(key: str) -> None:
    texts = TEXTS[key]
    assert len(texts) == len(LANGUAGES)
    assert all(texts)
    assert len({frozenset(places(text)) for text in texts}) == 1


def test_every_problem_has_its_words() -> None:
    problems = [kind for kind in vars(gateway_client).values() if isinstance(kind, type)]
    assert all(kind.key in TEXTS for kind in problems if issubclass(kind, GatewayProblem))


def test_every_text_that_the_page_names_exists() -> None:
    named = set(re.findall(r'words\(\s*"([a-z_.]+)"', SOURCES))
    assert named
    assert named <= set(TEXTS)


@pytest.mark.parametrize("key", TEXTS)
def test_every_text_is_used(key: str) -> None:
    room, name = key.split(".", 1)
    made_up = room in ("feature", "more", "less", "reason", "filter", "problem") or f'"{name}"' in SOURCES
    assert f'"{key}"' in SOURCES or f"'{key}'" in SOURCES or made_up or key.endswith("_seeds")


def test_only_texts_and_the_language_switch_hold_korean() -> None:
    assert set(re.findall("[가-힣]+", SOURCES)) == {"언어"}


def test_a_title_cannot_write_markdown() -> None:
    assert escaped("*[x](y)*") == r"\*\[x\]\(y\)\*"


def test_an_unknown_language_is_english() -> None:
    assert Words("xx")("pick.recommend") == "Make my playlist"
