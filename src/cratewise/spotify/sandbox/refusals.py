"""How the Web API says no."""

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException


class RefusalError(Exception):
    """An answer in Spotify's shape of an error: a status and a message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def error_answer(status: int, message: str) -> JSONResponse:
    """`{"error": {"status": …, "message": …}}`; what UTF-8 cannot say of a message becomes a question mark."""
    sendable = message.encode("utf-8", "replace").decode()
    return JSONResponse({"error": {"status": status, "message": sendable}}, status)


def answer_refusal(_request: Request, refusal: Exception) -> JSONResponse:
    """Turns a `RefusalError` into its answer."""
    assert isinstance(refusal, RefusalError)  # noqa: S101 - it is registered for nothing else
    return error_answer(refusal.status, refusal.message)


def answer_invalid(_request: Request, error: Exception) -> JSONResponse:
    """Says which part of a request has the wrong form, as shortly as Spotify does."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - it is registered for nothing else
    first = error.errors()[0]
    where = [str(part) for part in first["loc"] if part not in ("body", "query", "path")]
    if first["type"] == "json_invalid":
        return error_answer(400, "Error parsing JSON.")
    if first["type"] == "missing":
        return error_answer(400, f"Missing required field: {where[-1]}" if where else "Missing request body")
    return error_answer(400, f"Invalid {'.'.join(where) or 'request body'}")


def answer_unknown_address(_request: Request, error: Exception) -> JSONResponse:
    """An address or a method that does not exist."""
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for nothing else
    return error_answer(error.status_code, "Service not found" if error.status_code == 404 else str(error.detail))
