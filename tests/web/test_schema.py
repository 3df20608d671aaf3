"""The API is what its OpenAPI description says: schemathesis calls every operation and judges what comes back."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as trying
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cratewise.exports.files import FORMATS
from cratewise.settings import Settings, load_settings

from .conftest import FAMILIES, PATIENCE_S, Site

CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
ENDLESS = "GET /api/events"
"""A stream that ends when the reader goes; `test_events` reads it."""

LAST = ("POST /api/logout", "POST /api/demo", "POST /api/forget")
"""What leaves the others nothing to answer from."""

N_TRIES = 12
KNOWN: tuple[tuple[str, dict[str, Any]], ...] = (
    ("GET /api/plan/{genre}", {"path_parameters": {"genre": FAMILIES[0]}, "query": {"genre": [FAMILIES[0]]}}),
    ("GET /api/corrections/{song}", {"path_parameters": {"song": "track3"}}),
    *(("GET /api/export/{form}", {"path_parameters": {"form": form}}) for form in FORMATS),
    ("GET /api/export/{form}", {"path_parameters": {"form": "m3u8"}, "query": {"by_genre": True}}),
    ("PUT /api/genres/{genre}", {"path_parameters": {"genre": FAMILIES[0]}, "body": {"name": "Mine"}}),
    ("PUT /api/choice", {"body": {"genres": FAMILIES}}),
    ("POST /api/corrections", {"body": {"songs": ["track3"], "genre": "jazz"}}),
    ("POST /api/corrections/take-back", {"body": {"corrections": [1]}}),
    ("POST /api/jobs/import", {"query": {"name": "songs.csv"}, "body": b"title,artist\nAfrica,Toto\n"}),
)
"""Calls that come to something, of operations that hardly any made-up value fits."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with which no source on the internet is asked."""
    return load_settings(data_dir=tmp_path, spotify_api_url="http://127.0.0.1:1/v1", sources=())


def operations(site: Site) -> Iterator[APIOperation]:
    """Every operation of the API, those that end everything last."""
    schema = schemathesis.openapi.from_url(f"{site.url}/api/openapi.json")
    found = {one.label: one for one in (result.ok() for result in schema.get_all_operations())}
    for label in sorted(found, key=lambda label: (label in LAST and 1 + LAST.index(label), label)):
        if label != ENDLESS:
            yield found[label]


def judge(site: Site, case: Case) -> None:
    """Makes one call, judges the answer, and lets no job run on."""
    response = case.call()
    case.validate_response(response, checks=CHECKS)
    site.server.workspace.jobs.stop()
    assert site.server.workspace.jobs.wait(PATIENCE_S)


def faults_of(site: Site, operation: APIOperation) -> list[str]:
    """What is wrong with an operation: with a call that is known to fit, and with made-up ones that fit or don't."""
    cases = [operation.Case(**values) for label, values in KNOWN if label == operation.label]
    faults = []

    def call(case: Case) -> None:
        try:
            judge(site, case)
        except FailureGroup as found:
            faults.extend(
                f"{case.method} {case.formatted_path}: {one.title}: {one.message}" for one in found.exceptions
            )

    for case in cases:
        call(case)
    for mode in GenerationMode:
        made_up = seed(7)(
            trying(
                max_examples=N_TRIES, deadline=None, database=None, phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            )(given(operation.as_strategy(mode))(call))
        )  # fmt: skip
        with suppress(*([Unsatisfiable] if mode is GenerationMode.NEGATIVE else [])):  # nothing can be sent wrongly
            made_up()
    return faults


def test_every_operation_is_what_its_description_says(site: Site) -> None:
    """Whatever is sent, on a sorted library: no server error, and only answers that are described."""
    site.sort()
    faults = {one.label: found for one in operations(site) if (found := faults_of(site, one))}
    assert faults == {}


def test_every_operation_is_described(site: Site) -> None:
    """In words, with the shape of its errors, and with the kind and shape of what it answers."""
    described = site.client.get("/api/openapi.json").json()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            where, responses = f"{method} {path}", operation["responses"]
            assert operation["description"], where
            for errors in ("4XX", "5XX"):
                shape = responses[errors]["content"]["application/json"]["schema"]
                assert shape == {"$ref": "#/components/schemas/ErrorBody"}, where
            good = responses.get("200") or responses["202"]
            for kind, content in good["content"].items():
                assert content["schema"] or path.startswith("/api/export"), f"{where}: {kind}"
