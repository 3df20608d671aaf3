"""Spotify's OpenAPI file as a judge of requests and answers."""

import re
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import yaml
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from .deviations import DEVIATIONS, PICKED, Deviation, Document, without_deprecated_fields
from .exchanges import Answered, Sent, without_port

_HOST = "https://api.spotify.com"
_ERRORS_FROM = 400
# a picture goes as base64, which the file calls a string; openapi-core itself would leave it bytes
_CONFIG = Config(
    spec_validator_cls=None, extra_media_type_deserializers={"image/jpeg": lambda body, **_: body.decode("ascii")}
)
_LONGEST = 300


def read_document(file: Path) -> Document:
    """The file's contents; the C reader takes a tenth of a second."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: Document = yaml.load(file.read_bytes(), loader)  # noqa: S506 - both are safe
    return document


class Contract:
    """Says what is wrong with requests and answers. Each different one is looked at once: a page takes 50 ms."""

    def __init__(self, document: Document, deviations: Sequence[Deviation] = DEVIATIONS) -> None:
        amended = deepcopy(document)
        for path in amended["paths"].values():
            for operation in path.values():
                operation.pop("security", None)  # scopes are tested by themselves
        without_deprecated_fields(amended)
        for deviation in deviations:
            deviation.amend(amended)
        self._paths: dict[str, Any] = amended["paths"]
        self._openapi = OpenAPI.from_dict(amended, config=_CONFIG)
        self._complaints: dict[object, str] = {}

    def breaches(self, heard: Iterable[Sent | Answered]) -> list[str]:
        """What is wrong with any of them, each said once."""
        return sorted(
            {f"{exchange}: {complaint}" for exchange in heard if (complaint := self.complaint_about(exchange))}
        )

    def complaint_about(self, exchange: Sent | Answered) -> str:
        """What is wrong with it; empty where nothing is."""
        key = (
            (exchange.to_api, exchange.method, exchange.path, exchange.query, exchange.content_type, exchange.body)
            if isinstance(exchange, Sent)
            else (exchange.method, exchange.path, exchange.query, exchange.status, without_port(exchange.body))
        )
        if key not in self._complaints:
            judge: Callable[[Any], str] = self._about_request if isinstance(exchange, Sent) else self._about_answer
            self._complaints[key] = judge(exchange)
        return self._complaints[key]

    def _about_request(self, sent: Sent) -> str:
        if not sent.to_api:
            is_token_call = (sent.method, sent.path) == ("POST", "/api/token")
            is_form = sent.content_type == "application/x-www-form-urlencoded"
            return "" if is_token_call and is_form else "not a call of the accounts service"
        operation = self._operation(sent.method, sent.path)
        if operation is None:
            return "Spotify has no such call"
        if operation.get("deprecated"):
            return "Spotify has taken this call away"
        known = set(_names_of(self._openapi.spec.read_value(), operation))
        if unknown := sorted({name for name, _ in parse_qsl(sent.query, keep_blank_values=True)} - known):
            return f"the call has no parameter {unknown[0]!r}"
        request = _request(sent.method, sent.path, sent.query, sent.content_type, sent.body)
        return _first(self._openapi.iter_request_errors(request))

    def _about_answer(self, answered: Answered) -> str:
        picked = "fields=" in answered.query and answered.status < _ERRORS_FROM
        path = PICKED + answered.path if picked and self._operation("GET", PICKED + answered.path) else answered.path
        method = answered.method
        if self._operation(method, path) is None:
            if answered.status < _ERRORS_FROM:
                return "Spotify has no such call"
            method, path = "GET", "/me"  # an error, then, in the shape that every call's errors have
        request = _request(method, path, answered.query)
        response = MockResponse(answered.body, answered.status, content_type=answered.content_type)
        return _first(self._openapi.iter_response_errors(request, response))

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        for template, operations in sorted(self._paths.items(), key=lambda item: "{" in item[0]):
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method.lower() in operations:
                operation: dict[str, Any] = operations[method.lower()]
                return operation
        return None


def _names_of(document: Document, operation: dict[str, Any]) -> Iterable[str]:
    shared = document["components"]["parameters"]
    for parameter in operation.get("parameters", ()):
        yield shared[parameter["$ref"].rpartition("/")[2]]["name"] if "$ref" in parameter else parameter["name"]


def _request(method: str, path: str, query: str, content_type: str = "", body: bytes = b"") -> MockRequest:
    arguments = dict(parse_qsl(query, keep_blank_values=True))
    return MockRequest(
        _HOST, method, f"/v1{path}", args=arguments, data=body, content_type=content_type or "application/json"
    )


def _first(errors: Iterable[Exception]) -> str:
    for error in errors:
        cause = error.__cause__ or error
        faults = [f"{'.'.join(map(str, fault.path))}: {fault.message}" for fault in _leaves(cause)]
        return (faults[0] if faults else str(error))[:_LONGEST]
    return ""


def _leaves(error: Any) -> list[Any]:
    found = list(getattr(error, "schema_errors", ()))
    while any(fault.context for fault in found):
        found = [leaf for fault in found for leaf in (fault.context or [fault])]
    return found
