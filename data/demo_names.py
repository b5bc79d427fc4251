"""Made-up names for the demo catalog, in Latin letters, Hangul and kana. Likeness to anything real is chance."""

import numpy as np

Words = tuple[str, ...]

_ADJECTIVES: Words = (
    *"Amber Broken Crimson Distant Electric Fading Golden Hollow Idle Jagged Kind Lunar Midnight Neon Open".split(),
    *"Quiet Rusty Silver Tender Umber Velvet Wild Young Zero Blue Salt Frozen Second Only Naïve Déjà Über".split(),
)
_NOUNS: Words = (
    *"Arcade Bloom Cathedral Drift Ember Fjord Garden Harbor Island Junction Kite Lantern Mirror Nova Orchard".split(),
    *"Parade Quarry River Signal Tides Umbrella Valley Window Xylophone Yard Zephyr Café Señal Motel Satellite".split(),
    *"Staircase Summer Thunder Pavement Meadow Engine Halo Letter Ocean Radio".split(),
)
_PHRASES: Words = (
    *("Call It {noun}", "{adjective} {noun}", "{noun} of {noun}", "Don't Wait for the {noun}", "Under the {noun}"),
    *("{adjective} {adjective} {noun}", "{noun}, {noun}", "I Left My {noun}", "Every {adjective} {noun}"),
    *("{noun} & {noun}", "Back to {noun}", "{noun}"),
)
_BANDS: Words = ("The {noun} {noun}s", "{adjective} {noun}", "{noun} & {noun}", "{noun} {noun} Club", "DJ {noun}{noun}")
_HANGUL: Words = tuple(
    "여름 겨울 달빛 바다 고양이 우산 편지 골목 새벽 종이 나무 구름 기차 라디오 노을 정원 소나기 별빛 계단 창문".split()
)
_HANGUL_PHRASES: Words = ("{}의 {}", "{} 속 {}", "{}, 그리고 {}", "다시 {} {}", "{}{}")
_KANA: Words = (
    *"そら うみ ほたる かぜ ひかり ゆめ さくら とけい ねこ あめ".split(),
    *"ラジオ ガーデン ネオン シグナル ブルー ムーン メロディ トレイン".split(),
)
_KANA_PHRASES: Words = ("{}の{}", "{}と{}", "{} {}", "さよなら{}{}", "{}{}ナイト")

LATIN, HANGUL, KANA = 0, 1, 2
SCRIPT_SHARES = (0.87, 0.08, 0.05)
"""Of the artists: Latin, Hangul, kana."""


def _one(words: Words, rng: np.random.Generator) -> str:
    return words[rng.integers(len(words))]


def _latin(patterns: Words, rng: np.random.Generator) -> str:
    name = _one(patterns, rng)
    for kind, words in (("{noun}", _NOUNS), ("{adjective}", _ADJECTIVES)):
        while kind in name:
            name = name.replace(kind, _one(words, rng), 1)
    return name


def _other(patterns: Words, words: Words, rng: np.random.Generator) -> str:
    return _one(patterns, rng).format(_one(words, rng), _one(words, rng))


def title(script: int, rng: np.random.Generator) -> str:
    """A track or album title; artists of other scripts use Latin letters one time in five."""
    if script == LATIN or rng.random() < 0.2:
        return _latin(_PHRASES, rng)
    return _other(_HANGUL_PHRASES, _HANGUL, rng) if script == HANGUL else _other(_KANA_PHRASES, _KANA, rng)


def artist(script: int, rng: np.random.Generator) -> str:
    """A band's name."""
    if script == LATIN:
        return _latin(_BANDS, rng)
    return _other(("{}{}", "{} {}단"), _HANGUL, rng) if script == HANGUL else _other(("{}{}", "{}ず {}"), _KANA, rng)
