"""Every error that the gateway answers with, and the one place that turns them into a response.

    GatewayError                500 internal_error
    ├── InvalidRequest          422 invalid_request      the request breaks the documented rules
    ├── UnknownSeeds            422 unknown_seeds        no seed is in the catalog, nor has known features
    ├── Unauthorised            401 unauthorized         the API key is missing or wrong
    ├── NotFound                404 not_found            no such route, or no such thing
    ├── BodyTooLarge            413 body_too_large
    ├── Overloaded              503 overloaded           too many requests at once
    ├── CatalogUnavailable      503 catalog_unavailable  no catalog.db, or one of another version
    ├── NotReady                503 not_ready
    ├── FeedbackFull            503 feedback_full        too much feedback waits for the database
    ├── FeedbackUnavailable     503 feedback_unavailable the feedback database does not answer
    └── ModelError
        ├── ModelUnavailable    503 model_unavailable    no server takes requests
        ├── ModelTimeout        504 model_timeout        no answer within the deadline
        └── ModelBroken         502 model_error          an answer that is none

The shape is {"error", "message", "request_id"}; under /v1 it is Spotify's {"error": {"status", "message"}}, and
a request that breaks the rules is a 400 there, as it was at Spotify.
"""

import logging
import sqlite3
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from gateway.catalog import CatalogMissing

log = logging.getLogger(__name__)


class GatewayError(Exception):
    """The root; its message is what the caller reads, so it never quotes an upstream's body or a secret."""

    status = 500
    code = "internal_error"
    retry_after_s: int | None = None


class InvalidRequest(GatewayError):
    """The request breaks the documented rules."""

    status, code = 422, "invalid_request"


class UnknownSeeds(GatewayError):
    """No seed is in the catalog, and none has known features."""

    status, code = 422, "unknown_seeds"


class Unauthorised(GatewayError):
    """The API key is missing or wrong."""

    status, code = 401, "unauthorized"


class NotFound(GatewayError):
    """There is no such thing."""

    status, code = 404, "not_found"


class BodyTooLarge(GatewayError):
    """The request body is over the limit."""

    status, code = 413, "body_too_large"


class Overloaded(GatewayError):
    """Too many requests are in flight."""

    status, code, retry_after_s = 503, "overloaded", 1


class CatalogUnavailable(GatewayError):
    """There is no catalog to look things up in."""

    status, code = 503, "catalog_unavailable"


class NotReady(GatewayError):
    """No recommendation went through."""

    status, code, retry_after_s = 503, "not_ready", 1


class FeedbackFull(GatewayError):
    """Too much feedback waits for the database; this was dropped."""

    status, code, retry_after_s = 503, "feedback_full", 5


class FeedbackUnavailable(GatewayError):
    """The feedback database does not answer."""

    status, code, retry_after_s = 503, "feedback_unavailable", 5


class ModelError(GatewayError):
    """The model gave no usable answer."""


class ModelUnavailable(ModelError):
    """No model server takes requests."""

    status, code, retry_after_s = 503, "model_unavailable", 1


class ModelTimeout(ModelError):
    """No model server answered within the deadline."""

    status, code = 504, "model_timeout"


class ModelBroken(ModelError):
    """A model server answered with something that is no answer."""

    status, code = 502, "model_error"


class ErrorAnswer(BaseModel):
    """What every error looks like."""

    error: str
    """The kind, for programs."""
    message: str
    """What is wrong and what to do, for people."""
    request_id: str


def responses(*errors: type[GatewayError]) -> dict[int | str, dict[str, object]]:
    """The OpenAPI entry of a route that may answer with these errors, besides those that every route may."""
    possible: list[type[GatewayError]] = [InvalidRequest, Unauthorised, BodyTooLarge, Overloaded, *errors]
    codes = {400: ["bad_request"], 408: ["request_timeout"]}
    for error in possible:
        codes.setdefault(error.status, []).append(error.code)
    return {status: {"model": ErrorAnswer, "description": ", ".join(names)} for status, names in codes.items()}


def error_response(scope: Scope, error: GatewayError, headers: Mapping[str, str] | None = None) -> Response:
    """The response for an error, in the shape of the route that was asked."""
    status, message = error.status, str(error)
    if scope["path"].startswith("/v1/"):
        status = 400 if status == 422 else status
        body: dict[str, object] = {"error": {"status": status, "message": message}}
    else:
        body = {"error": error.code, "message": message, "request_id": scope["state"]["request_id"]}
    headers = dict(headers or {})
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body, status, headers)


def _from_validation(error: RequestValidationError) -> GatewayError:
    problems = [f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()[:5]]
    return InvalidRequest("; ".join(problem[:300] for problem in problems))


def _from_http(error: HTTPException) -> GatewayError:
    """What the framework raises itself: no such route, a method not allowed, a body too large or not to be parsed."""
    if error.status_code == 413:
        return BodyTooLarge("the request body is too large")
    own = GatewayError(error.detail)
    own.status, own.code = error.status_code, HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
    return own


def install(app: FastAPI) -> None:
    """Let the app answer with `error_response` whatever is raised in a route."""

    async def handle(request: Request, error: Exception) -> Response:
        headers = None
        if isinstance(error, RequestValidationError):
            error = _from_validation(error)
        elif isinstance(error, HTTPException):
            headers, error = error.headers, _from_http(error)
        elif isinstance(error, CatalogMissing):
            error = CatalogUnavailable(str(error))
        elif isinstance(error, sqlite3.DatabaseError):
            log.error("catalog unreadable", extra={"why": str(error)})
            error = CatalogUnavailable("the catalog cannot be read; run `mlflow run . -e prepare` again")
        assert isinstance(error, GatewayError)
        return error_response(request.scope, error, headers)

    for kind in (GatewayError, RequestValidationError, HTTPException, CatalogMissing, sqlite3.DatabaseError):
        app.add_exception_handler(kind, handle)
