"""/quality: what is recommended, how the picked tracks differ from the catalog, and the last evaluation."""

import json
import logging
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from pydantic import BaseModel

from gateway.catalog import Catalog, Moments
from gateway.dependencies import CatalogDep
from gateway.errors import CatalogUnavailable, FeedbackUnavailable, responses
from gateway.feedback import FeedbackDep

N_ANSWERS = 1_000
"""The latest answers say how things are now, and cost a bounded time to read."""
MIN_SEEDS = 50  # below this a mean says more about chance than about listeners
DRIFTED = 0.5
"""Standard deviations: Cohen's "medium" effect (Statistical Power Analysis, 1988, ch. 2)."""

log = logging.getLogger(__name__)
router = APIRouter(tags=["operation"])


class Recommended(BaseModel):
    """What was shown in the latest answers."""

    impressions: int
    distinct_tracks: int
    coverage: float
    """Share of the catalog that was shown at least once."""
    mean_popularity_percentile: float | None
    """Over impressions: 1 the best-known track of the catalog, 0 the least known; null if none is in the catalog."""


class FeatureDrift(BaseModel):
    """One audio feature of the picked tracks, against the catalog."""

    name: str
    score: float
    """Distance of the means in standard deviations of the catalog."""
    drifted: bool


class Drift(BaseModel):
    """How the tracks that listeners pick differ from the catalog that the model learned from."""

    n_seeds: int
    features: list[FeatureDrift]


class Quality(BaseModel):
    """How good the recommendations are, as far as it was measured; null where it was not."""

    recommended: Recommended | None
    drift: Drift | None
    evaluation: dict[str, Any] | None
    """`reports/evaluation.json`, as `evaluate` wrote it last."""


@router.get("/quality", responses=responses(CatalogUnavailable, FeedbackUnavailable))
async def quality(request: Request, catalog: CatalogDep, feedback: FeedbackDep) -> Quality:
    """What the latest answers recommended, whether picks drift from the catalog, and the last evaluation."""
    latest = await feedback.latest(N_ANSWERS)
    return Quality(
        recommended=await run_sync(_recommended, latest.impressions, catalog),
        drift=await run_sync(_drift, latest.seeds, catalog),
        evaluation=await run_sync(_evaluation, request.app.state.settings.evaluation_path),
    )


def _recommended(impressions: Mapping[str, int], catalog: Catalog) -> Recommended | None:
    if not impressions:
        return None
    percentiles = catalog.popularity_percentiles(impressions)
    weight = sum(impressions[track_id] for track_id in percentiles)
    total = sum(impressions[track_id] * percentile for track_id, percentile in percentiles.items())
    return Recommended(
        impressions=sum(impressions.values()),
        distinct_tracks=len(impressions),
        coverage=len(percentiles) / int(catalog.info()["n_tracks"]),
        mean_popularity_percentile=total / weight if weight else None,
    )


def _drift(seeds: Mapping[str, int], catalog: Catalog) -> Drift | None:
    picked = [(track, seeds[track.track_id]) for track in catalog.tracks(seeds)]
    n_seeds = sum(n for _, n in picked)
    if n_seeds < MIN_SEEDS:
        return None
    features = []
    for name, moments in catalog.feature_moments().items():
        known = [(value, n) for track, n in picked if (value := getattr(track, name)) is not None]
        if known and moments.deviation > 0:
            features.append(against(name, known, moments))
    return Drift(n_seeds=n_seeds, features=sorted(features, key=lambda feature: -feature.score))


def against(name: str, known: list[tuple[float, int]], moments: Moments) -> FeatureDrift:
    """How far a feature's mean is from the catalog's. known: (value, how often it was picked)."""
    mean = math.fsum(value * n for value, n in known) / sum(n for _, n in known)
    score = abs(mean - moments.mean) / moments.deviation
    return FeatureDrift(name=name, score=score, drifted=score >= DRIFTED)


def _evaluation(path: Path) -> dict[str, Any] | None:
    try:
        figures = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        log.warning("no evaluation", extra={"why": f"{path}: {error}"})
        return None
    return figures if isinstance(figures, dict) else None
