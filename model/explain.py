"""Why a track was recommended: the nearest seed, the ranker's strongest features, the sound next to the seeds'."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model.contract import Contribution, Why
from model.lookup import Lookup, named, or_none, plain
from model.profiles import Float
from model.recommender import Ranking, Rows
from model.schemas import AUDIO_FEATURES

DELTA_WORDS = {
    "danceability": ("more danceable", "less danceable"),
    "energy": ("more energetic", "calmer"),
    "loudness": ("louder", "quieter"),
    "speechiness": ("with more spoken words", "with fewer spoken words"),
    "acousticness": ("more acoustic", "less acoustic"),
    "instrumentalness": ("more instrumental", "with more singing"),
    "liveness": ("with more of a live feel", "with more of a studio feel"),
    "valence": ("brighter in mood", "darker in mood"),
    "tempo": ("faster", "slower"),
    "duration_ms": ("longer", "shorter"),
}
"""Audio feature -> how a track with more, and with less of it compares. Key and mode are no matter of more or less."""

NOTABLE = 0.5  # deltas below so many standard deviations are not worth a word
ALIKE = 0.5  # at a lower cosine nobody hears a likeness
N_CONTRIBUTIONS = 3
N_DIFFERENCES = 2


@dataclass(frozen=True)
class SeedSound:
    """The used seeds as explanations need them."""

    ids: list[str]
    titles: list[str]
    """What a listener calls each: its title, else its id."""
    vectors: Float
    """Feature vectors, (n_seeds, n_dims); a zero row for a seed without audio features."""
    means: Float
    """Mean audio features, (12,), own units, NaN where unknown."""


def explain(
    ranking: Ranking,
    positions: Rows,
    contributions: Float,
    phrases: Mapping[str, str],
    seeds: SeedSound,
    vectors: Float,
    lookup: Lookup,
) -> list[Why]:
    """One explanation for each position in the ranking.

    contributions: (len(positions), len(phrases)), the ranker's `pred_contrib`.  phrases: ranking feature -> what it
    says in words, in the order of the contributions' columns.  vectors: the catalog's feature vectors.
    """
    names = list(phrases)
    rows = ranking.rows[positions]
    cosines = np.clip(vectors[rows] @ seeds.vectors.T, -1, 1)
    nearest = cosines.argmax(axis=1).tolist()
    strongest = np.argsort(-np.abs(contributions), axis=1, kind="stable")[:, :N_CONTRIBUTIONS]
    values = or_none(plain(np.take_along_axis(ranking.features_of(positions), strongest, axis=1)))
    shares = plain(np.take_along_axis(contributions, strongest, axis=1)).tolist()
    deltas = lookup.attributes[: len(AUDIO_FEATURES), rows].T - seeds.means
    differences = _in_words(deltas, lookup)
    whys = []
    for i, seed in enumerate(nearest):
        strong = [names[j] for j in strongest[i].tolist()]
        reasons = [phrases[name] for name, share in zip(strong, shares[i], strict=True) if share > 0]
        cosine = round(float(cosines[i, seed]), 6)
        whys.append(
            Why(
                nearest_seed=seeds.ids[seed],
                nearest_cosine=cosine,
                contributions=[
                    Contribution(feature=name, value=value, contribution=share)
                    for name, value, share in zip(strong, values[i], shares[i], strict=True)
                ],
                deltas=named(deltas[i]),
                text=_sentence(seeds.titles[seed], cosine, reasons, differences[i]),
            )
        )
    return whys


def _sentence(seed: str, cosine: float, reasons: Sequence[str], differences: Sequence[str]) -> str:
    sentences = []
    if cosine >= ALIKE:
        sentences.append(f"Of your songs it sounds most like “{seed}” ({round(100 * cosine)} % alike).")
    if reasons:
        sentences.append(f"Chosen because {_listed(reasons)}.")
    if differences:
        sentences.append(f"Next to your songs it is {_listed(differences)}.")
    return " ".join(sentences) or "Chosen from what the ranker knows of tracks like yours."


def _in_words(deltas: Float, lookup: Lookup) -> list[list[str]]:
    """The two most notable differences to the seeds, for each row of deltas, (n, 12)."""
    at = [AUDIO_FEATURES.index(name) for name in DELTA_WORDS]
    steps = np.nan_to_num((deltas / lookup.spreads[: len(AUDIO_FEATURES)])[:, at])
    largest = np.argsort(-np.abs(steps), axis=1, kind="stable")[:, :N_DIFFERENCES]
    words = list(DELTA_WORDS.values())
    return [
        [words[j][0 if row[j] > 0 else 1] for j in order if abs(row[j]) >= NOTABLE]
        for row, order in zip(steps.tolist(), largest.tolist(), strict=True)
    ]


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
