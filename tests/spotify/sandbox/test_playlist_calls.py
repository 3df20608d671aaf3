import base64
import json
from collections.abc import Callable

import httpx
import pytest

from cratewise.spotify.sandbox.server import SandboxServer

FOREIGN_NAME = "Road trip"
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 64


def foreign_id(api: httpx.Client) -> str:
    """The playlist that somebody else owns."""
    listed = api.get("/me/playlists").json()["items"]
    return str(next(playlist["id"] for playlist in listed if playlist["name"] == FOREIGN_NAME))


def test_playlists_are_listed_with_a_count_in_the_place_of_their_items(
    api: httpx.Client, server: SandboxServer
) -> None:
    """`items` is a link and a total; `tracks` is gone; the owner is named."""
    page = api.get("/me/playlists").json()
    assert page["total"] == 2
    sunday = next(playlist for playlist in page["items"] if playlist["name"] == "Sunday")
    assert sunday["items"] == {"href": f"{server.api_url}/playlists/{sunday['id']}/items", "total": 5}
    assert "tracks" not in sunday
    assert sunday["owner"]["id"] == api.get("/me").json()["id"]
    assert sunday["external_urls"]["spotify"] == f"{server.page_url}/playlist/{sunday['id']}"


def test_a_new_playlist_is_empty_and_comes_back_public(api: httpx.Client) -> None:
    """201, whatever `public` was asked for, and it stands first in the list."""
    answer = api.post("/me/playlists", json={"name": "Hip hop · liked", "description": "d", "public": False})
    assert answer.status_code == 201
    playlist = answer.json()
    assert (playlist["name"], playlist["description"], playlist["public"]) == ("Hip hop · liked", "d", True)
    assert (playlist["items"]["total"], playlist["items"]["items"]) == (0, [])
    assert api.get("/me/playlists").json()["items"][0]["id"] == playlist["id"]


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": 3}, {"name": "a", "public": "perhaps"}, {"name": "\ud83d"}, []]
)
def test_a_playlist_needs_a_name(api: httpx.Client, body: object) -> None:
    """400 in Spotify's shape for a body that cannot be understood, half an emoji among them."""
    content, headers = json.dumps(body), {"content-type": "application/json"}
    answer = api.post("/me/playlists", content=content, headers=headers)
    assert api.get("/me/playlists").status_code == 200
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == 400


def test_a_body_that_is_not_json_is_refused(api: httpx.Client) -> None:
    """400, not a crash."""
    answer = api.post("/me/playlists", content=b"{", headers={"content-type": "application/json"})
    assert answer.json() == {"error": {"status": 400, "message": "Error parsing JSON."}}


def test_details_change_one_by_one_and_so_does_the_snapshot(api: httpx.Client, own_playlist: str) -> None:
    """What is not sent stays as it was."""
    before = api.get(f"/playlists/{own_playlist}").json()
    assert api.put(f"/playlists/{own_playlist}", json={"description": "x", "public": False}).status_code == 200
    after = api.get(f"/playlists/{own_playlist}").json()
    assert (after["name"], after["description"], after["public"]) == ("New", "x", False)
    assert after["snapshot_id"] != before["snapshot_id"]


def test_descriptions_come_back_escaped(api: httpx.Client, own_playlist: str) -> None:
    """Spotify writes them as HTML, in lists and alone."""
    api.put(f"/playlists/{own_playlist}", json={"description": "Rock & 'Roll'"})
    listed = api.get("/me/playlists").json()["items"][0]
    assert listed["description"] == api.get(f"/playlists/{own_playlist}").json()["description"]
    assert listed["description"] == "Rock &amp; &#x27;Roll&#x27;"


def test_only_what_is_off_the_profile_can_be_collaborative(api: httpx.Client, own_playlist: str) -> None:
    """One that is public (as new ones come back) is refused; with `public` false beside it, it is taken."""
    path = f"/playlists/{own_playlist}"
    assert api.put(path, json={"collaborative": True}).status_code == 400
    assert api.put(path, json={"collaborative": True, "public": False}).status_code == 200
    assert api.get(path).json()["collaborative"] is True


def test_playlists_of_others_show_their_name_but_not_their_items(api: httpx.Client) -> None:
    """Contents and changes are for owners: 403."""
    other = foreign_id(api)
    whole = api.get(f"/playlists/{other}").json()
    assert whole["name"] == FOREIGN_NAME
    assert "items" not in whole
    for answer in (
        api.get(f"/playlists/{other}/items"),
        api.put(f"/playlists/{other}", json={"name": "mine"}),
        api.put(f"/playlists/{other}/items", json={"uris": []}),
    ):
        assert answer.json() == {"error": {"status": 403, "message": "Forbidden"}}


def test_an_unknown_playlist_is_not_found(api: httpx.Client) -> None:
    """404 for reading and writing alike."""
    unknown = "0" * 22
    for answer in (
        api.get(f"/playlists/{unknown}"),
        api.get(f"/playlists/{unknown}/items"),
        api.put(f"/playlists/{unknown}", json={"name": "x"}),
        api.post(f"/playlists/{unknown}/items", json={"uris": ["spotify:track:" + "0" * 22]}),
    ):
        assert answer.json() == {"error": {"status": 404, "message": "Resource not found"}}


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ("snapshot_id", {"snapshot_id"}),
        ("name,owner.id", {"name", "owner"}),
        ("items(total)", {"items"}),
        ("nothing_known", set()),
    ],
)
def test_fields_pick_what_an_answer_holds(api: httpx.Client, own_playlist: str, fields: str, names: set[str]) -> None:
    """Only what was asked for comes back."""
    answer = api.get(f"/playlists/{own_playlist}", params={"fields": fields}).json()
    assert set(answer) == names
    assert set(answer.get("owner", {"id": ""})) == {"id"}


def test_fields_pick_below_lists_and_leave_out(api: httpx.Client) -> None:
    """Brackets go into each item; an exclamation mark takes a field out."""
    sunday = next(item for item in api.get("/me/playlists").json()["items"] if item["name"] == "Sunday")
    path = f"/playlists/{sunday['id']}/items"
    picked = api.get(path, params={"fields": "total,items(item(name,album(!artists)),is_local)"}).json()
    assert set(picked) == {"total", "items"}
    first = picked["items"][0]
    assert set(first) == {"item", "is_local"}
    assert set(first["item"]) == {"name", "album"}
    assert "artists" not in first["item"]["album"]
    assert "name" in first["item"]["album"]


def test_a_cover_is_taken_and_shown(api: httpx.Client, own_playlist: str) -> None:
    """202; afterwards the playlist has an image that can be fetched."""
    answer = api.put(f"/playlists/{own_playlist}/images", content=base64.b64encode(JPEG))
    assert answer.status_code == 202
    images = api.get(f"/playlists/{own_playlist}/images").json()
    assert images == api.get(f"/playlists/{own_playlist}").json()["images"]
    assert httpx.get(images[0]["url"]).content == JPEG


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (base64.b64encode(JPEG) + b"\n", 400),
        (JPEG, 400),
        (base64.b64encode(b"\x89PNG" + b"\0" * 60), 400),
        (base64.b64encode(b"\xff\xd8\xff" + b"\0" * 196_608), 413),
    ],
)
def test_a_cover_must_be_a_small_jpeg_in_base64(
    api: httpx.Client, own_playlist: str, content: bytes, status: int
) -> None:
    """No line break at the end, no raw bytes, no PNG, and at most 256 KB as sent."""
    answer = api.put(f"/playlists/{own_playlist}/images", content=content)
    assert answer.status_code == status
    assert answer.json()["error"]["status"] == status


def test_each_write_needs_a_scope_of_its_kind(
    client_with: Callable[..., httpx.Client], api: httpx.Client, own_playlist: str
) -> None:
    """Reading scopes do not write; a private playlist needs the private scope; a cover needs the image scope too."""
    reader = client_with("playlist-read-private")
    private = client_with("playlist-modify-private")
    refused = {"error": {"status": 403, "message": "Insufficient client scope"}}
    assert reader.put(f"/playlists/{own_playlist}", json={"name": "x"}).json() == refused
    assert reader.post(f"/playlists/{own_playlist}/items", json={"uris": []}).json() == refused
    assert private.post("/me/playlists", json={"name": "x"}).json() == refused
    assert private.post("/me/playlists", json={"name": "x", "public": False}).status_code == 201
    assert private.put(f"/playlists/{own_playlist}/images", content=b"").json() == refused
    assert api.get(f"/playlists/{own_playlist}").json()["name"] == "New"


def test_shared_playlists_are_listed_only_with_the_scope_for_them(
    api: httpx.Client, client_with: Callable[..., httpx.Client]
) -> None:
    """Without playlist-read-collaborative they are missing, without an error."""
    shared = {"name": "Ours", "public": False, "collaborative": True}
    assert api.post("/me/playlists", json={**shared, "public": True}).status_code == 400
    assert api.post("/me/playlists", json=shared).status_code == 201
    assert "Ours" in [playlist["name"] for playlist in api.get("/me/playlists").json()["items"]]
    listed = client_with("playlist-read-private").get("/me/playlists").json()["items"]
    assert "Ours" not in [playlist["name"] for playlist in listed]
