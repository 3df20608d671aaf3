"""Answers drawn from the schemas of Spotify's own file, and ways to damage them."""

from collections.abc import Callable
from functools import reduce
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from .deviations import Document

Json = Any
_DEEPEST = 60
NAMED = ("id", "account_id", "snapshot_id")
"""What the file nowhere requires, and Spotify always gives: without it an answer is of no use."""

junk: SearchStrategy[Json] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**31, 2**63, -(10**40), 10**400]),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["\u0000", "😀" * 3000, "0000-00-00", "9999-12-31T23:59:59-14:00", "spotify:local:", "%", "http://["]
    ),
    st.just([]),
    st.just({}),
    st.integers(1, _DEEPEST).map(lambda depth: reduce(lambda inner, _: [inner], range(depth), None)),
    st.integers(1, _DEEPEST).map(lambda depth: reduce(lambda inner, _: {"item": inner}, range(depth), {})),
)


def answers_of(document: Document, method: str, path: str, status: str) -> SearchStrategy[Json]:
    """What the file lets a call answer; anything at all where it says nothing."""
    answer = _followed(document, document["paths"][path][method.lower()]["responses"][status])
    content = answer.get("content", {}).get("application/json")
    return st.none() if content is None else _from(document, content["schema"], NAMED)


def _from(document: Document, schema: dict[str, Any], always: tuple[str, ...] = ()) -> SearchStrategy[Json]:
    schema = _followed(document, schema)
    kind = schema.get("type")
    if "allOf" in schema or "properties" in schema:
        made = _object(document, schema, always)
    elif "oneOf" in schema:
        made = st.one_of([_from(document, part, always) for part in schema["oneOf"]])
    elif "enum" in schema:
        made = st.sampled_from(schema["enum"])
    elif kind == "array":
        made = st.lists(_from(document, schema["items"], always), max_size=2)
    else:
        made = _SCALARS[str(kind)](schema)
    return st.none() | made if schema.get("nullable") else made


def _object(document: Document, schema: dict[str, Any], always: tuple[str, ...]) -> SearchStrategy[Json]:
    properties, required = _merged(document, schema)
    parts = {name: _from(document, part, always) for name, part in properties.items()}
    sure = {name: part for name, part in parts.items() if name in required or name in always}
    rest = {name: part for name, part in parts.items() if name not in sure}
    return st.fixed_dictionaries(sure, optional=rest)


def _merged(document: Document, schema: dict[str, Any]) -> tuple[dict[str, Any], set[str]]:
    schema = _followed(document, schema)
    properties, required = dict(schema.get("properties", {})), set(schema.get("required", ()))
    for part in schema.get("allOf", ()):
        more, needed = _merged(document, part)
        properties |= more
        required |= needed
    return properties, required


_SCALARS: dict[str, Callable[[dict[str, Any]], SearchStrategy[Json]]] = {
    "boolean": lambda schema: st.booleans(),
    "integer": lambda schema: st.integers(schema.get("minimum", -(10**6)), schema.get("maximum", 10**6)),
    "number": lambda schema: st.floats(allow_nan=False, allow_infinity=False),
    "object": lambda schema: st.just({}),
    "string": lambda schema: (
        st.datetimes().map(lambda time: f"{time:%Y-%m-%dT%H:%M:%S}Z".rjust(20, "0"))
        if schema.get("format") == "date-time"
        else st.text(min_size=1, max_size=8)
    ),
}


@st.composite
def damaged(draw: st.DrawFn, answers: SearchStrategy[Json]) -> Json:
    """An answer in which one to three places hold something else, or nothing."""
    answer = draw(answers)
    for _ in range(draw(st.integers(1, 3))):
        answer = _with_damage(draw, answer)
    return answer


def _with_damage(draw: st.DrawFn, value: Json) -> Json:
    if not isinstance(value, dict | list) or not value or draw(st.integers(0, 5)) == 0:
        return draw(junk)
    if isinstance(value, list):
        place = draw(st.integers(0, len(value) - 1))
        return [*value[:place], _with_damage(draw, value[place]), *value[place + 1 :]]
    name = draw(st.sampled_from(sorted(value)))
    rest = {key: part for key, part in value.items() if key != name}
    return rest if draw(st.booleans()) and draw(st.booleans()) else rest | {name: _with_damage(draw, value[name])}


def _followed(document: Document, part: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part:
        _, _, kind, name = part["$ref"].split("/")
        part = document["components"][kind][name]
    return part
