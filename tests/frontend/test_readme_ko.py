"""The Korean README says nothing that the English one does not say."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGLISH, KOREAN = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.ko.md"))


def parts(text: str, pattern: str) -> list[str]:
    return re.findall(pattern, text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", parts(KOREAN, r"^```(?!mermaid)\w+\n(.*?)^```"))
def test_its_commands_are_those_of_the_english_one(block: str) -> None:
    assert block in ENGLISH


@pytest.mark.parametrize("code", sorted({*parts(KOREAN, r"`([^`\n]+)`")}))
def test_what_it_names_the_english_one_names_too(code: str) -> None:
    assert f"`{code}`" in ENGLISH
