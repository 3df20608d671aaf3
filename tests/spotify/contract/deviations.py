"""Where the stand-in (as Spotify was seen to) differs from Spotify's own OpenAPI file, each with its reason.

A deviation amends the file. A test holds that each is needed: without it some answer of the stand-in is refused.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]
PICKED = "/picked"
_METHODS = ("get", "post", "put", "delete")
_ERROR = {
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["error"],
                "properties": {"error": {"$ref": "#/components/schemas/ErrorObject"}},
            }
        }
    }
}


@dataclass(frozen=True)
class Deviation:
    """One difference.

    Attributes:
        name: What is different.
        reason: Why the stand-in is right, or cannot be otherwise.
        amend: Changes the file so that it allows the difference.
    """

    name: str
    reason: str
    amend: Callable[[Document], None]


def without_deprecated_fields(document: Document) -> None:
    """Forbids what the file calls deprecated, which new apps no longer get; previews stay, always null."""
    for schema in document["components"]["schemas"].values():
        for part in (schema, *schema.get("allOf", ())):
            for name, field in part.get("properties", {}).items():
                if field.get("deprecated") and not name.endswith("preview_url"):
                    part["properties"][name] = {"not": {}}


def _errors_of_every_status(document: Document) -> None:
    for operation in _operations(document):
        for status in ("400", "404", "405", "413", "500"):
            operation["responses"].setdefault(status, _ERROR)


def _gateway_pages(document: Document) -> None:
    for operation in _operations(document):
        for status in ("500", "502", "503"):
            answer = operation["responses"].setdefault(status, {"content": {}})
            answer["content"] = {**answer["content"], "text/html": {"schema": {"type": "string"}}}


def _plain_refusals(document: Document) -> None:
    content = document["components"]["responses"]["Forbidden"]["content"]
    content["text/plain"] = {"schema": {"type": "string"}}


def _wrapped_library_errors(document: Document) -> None:
    for operation in _operations(document):
        if "/library" in operation["path"]:
            operation["responses"]["400"] = _ERROR


def _removed_fields(document: Document) -> None:
    for name in ("AlbumBase", "ShowBase"):
        required = document["components"]["schemas"][name]["required"]
        required[:] = [field for field in required if field not in ("available_markets", "publisher")]


def _null_items(document: Document) -> None:
    item = document["components"]["schemas"]["PlaylistTrackObject"]["properties"]["item"]
    item.pop("discriminator", None)  # a null has no type to look at
    item["oneOf"].append({"type": "object", "nullable": True, "enum": [None]})


def _episodes_as_tracks(document: Document) -> None:
    schemas = document["components"]["schemas"]
    track = deepcopy(schemas["TrackObject"])
    track["properties"]["type"]["enum"] = ["episode"]
    schemas["EpisodeAsTrack"] = track | {"required": ["album", "artists", "track_number", "type"]}
    item = schemas["PlaylistTrackObject"]["properties"]["item"]
    item.pop("discriminator", None)  # the type does not tell the two apart
    item["oneOf"].append({"$ref": "#/components/schemas/EpisodeAsTrack"})


def _local_files(document: Document) -> None:
    for name in ("TrackObject", "SimplifiedArtistObject", "AlbumBase"):
        properties = document["components"]["schemas"][name]["properties"]
        for field in ("id", "href", "uri", "album_type", "release_date", "release_date_precision"):
            if field in properties:
                properties[field]["nullable"] = True
                if "enum" in properties[field]:
                    properties[field]["enum"] = [*properties[field]["enum"], None]


def _picked_fields(document: Document) -> None:
    schemas = document["components"]["schemas"]
    schemas |= {f"Picked{name}": _all_optional(schema) for name, schema in schemas.items()}
    for path in ("/playlists/{playlist_id}", "/playlists/{playlist_id}/items"):
        picked = deepcopy(document["paths"][path]["get"])
        picked["responses"]["200"] = _all_optional(_followed(document, picked["responses"]["200"]))
        document["paths"][PICKED + path] = {"get": picked}


def _all_optional(schema: Any) -> Any:
    """The same schema with nothing required, here and in what it refers to; a part may then fit several kinds."""
    if isinstance(schema, list):
        return [_all_optional(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        "anyOf" if name == "oneOf" else name: (
            part.replace("/schemas/", "/schemas/Picked") if name == "$ref" else _all_optional(part)
        )
        for name, part in schema.items()
        if name not in ("required", "discriminator")
    }


def _followed(document: Document, part: Any) -> Any:
    return document["components"]["responses"][part["$ref"].rpartition("/")[2]]


def _operations(document: Document) -> Iterator[dict[str, Any]]:
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                methods[method]["path"] = path
                yield methods[method]


DEVIATIONS = (
    Deviation(
        "errors with a status that the file doesn't list",
        "The file lists 401, 403 and 429; Spotify also answers 400 (bad request), 404, 405, 413 (cover too large) and "
        "500 (a full playlist), in the same shape.",
        _errors_of_every_status,
    ),
    Deviation(
        "gateways' pages",
        "500, 502 and 503 come from servers in front of the Web API, with HTML in the place of JSON.",
        _gateway_pages,
    ),
    Deviation(
        "a refusal in plain text",
        "An account that is not on the app's user list is told so in a sentence that is not JSON.",
        _plain_refusals,
    ),
    Deviation(
        "library errors are wrapped like all others",
        "For /me/library alone the file has the error object bare; Spotify's guide shows it below `error` everywhere, "
        "and the client reads both.",
        _wrapped_library_errors,
    ),
    Deviation(
        "fields that new apps no longer get",
        "`available_markets` and `publisher` were taken away in 2026, and the file still requires them.",
        _removed_fields,
    ),
    Deviation(
        "places with nothing in them",
        "A playlist's entry has a null item where Spotify no longer knows what stood there; the file says so in words.",
        _null_items,
    ),
    Deviation(
        "episodes in the shape of tracks",
        "Without `additional_types=episode` they come so, with the type of an episode (spotify/web-api issue 1528).",
        _episodes_as_tracks,
    ),
    Deviation(
        "local files",
        "They, their artists and their album have no id, address or date: Spotify gives nulls.",
        _local_files,
    ),
    Deviation(
        "answers with picked fields",
        "With `fields` an answer holds what was asked for, whatever else the file requires.",
        _picked_fields,
    ),
)
