"""/recommend_ranked: seeds and wishes in, ranked tracks out."""

import time

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.errors import ModelBroken, ModelTimeout, ModelUnavailable, UnknownSeeds, responses
from gateway.features_provider import with_features
from gateway.schemas import Answer, RecommendAnswer, RecommendRequest

router = APIRouter()


async def recommend(request: Request, wish: RecommendRequest) -> Answer:
    """The model's answer to a wish, noted in metrics and log. Every route that recommends goes through here.

    Raises UnknownSeeds where no seed is known, and the ModelErrors.
    """
    state = request.app.state
    started = time.perf_counter()
    if state.features is not None and state.catalog is not None:
        wish = await with_features(wish, state.catalog, state.features)
    answer: Answer = await state.model.recommend(wish, spent_s=time.perf_counter() - started)
    request.state.model_version = answer.model.version
    state.metrics.answered_by(answer.model.name, answer.model.version)
    if all(seed.status == "unknown" for seed in answer.seeds):
        raise UnknownSeeds(
            f"none of the {len(wish.seed_track_ids)} seeds is in the catalog; find track ids with /search, "
            "or give the seeds' audio features in seed_features"
        )
    return answer


@router.post(
    "/recommend_ranked",
    tags=["recommend"],
    response_class=Response,
    responses={
        200: {"model": RecommendAnswer},
        **responses(UnknownSeeds, ModelBroken, ModelUnavailable, ModelTimeout),
    },
)
async def recommend_ranked(wish: RecommendRequest, request: Request) -> Response:
    """Ranked tracks for some seeds, best first, with the status of every seed and the profile of their sound."""
    answer = await recommend(request, wish)
    request.app.state.feedback.shown(request, wish, answer)
    # The answer was checked when it came in; written out as it is, nothing checks it twice.
    whole = RecommendAnswer.model_construct(**answer.__dict__, request_id=request.state.request_id)
    return Response(whole.model_dump_json(), media_type="application/json")
