import json

import httpx
import pytest

from cratewise.spotify.sandbox.server import SandboxServer


def uris_in(api: httpx.Client, playlist_id: str) -> list[str | None]:
    """What is in a playlist, page by page."""
    found: list[str | None] = []
    address: str | None = f"/playlists/{playlist_id}/items?limit=50"
    while address:
        page = api.get(address).json()
        found += [entry["item"] and entry["item"]["uri"] for entry in page["items"]]
        address = page["next"]
    return found


@pytest.fixture
def filled(api: httpx.Client, own_playlist: str, uris: dict[str, str]) -> str:
    """A playlist that holds Juicy, Get Lucky, Роллинг, in this order."""
    listed = [uris["Juicy"], uris["Get Lucky"], uris["Роллинг"]]
    assert api.post(f"/playlists/{own_playlist}/items", json={"uris": listed}).status_code == 201
    return own_playlist


def test_entries_are_tracks_local_files_episodes_and_nulls(api: httpx.Client) -> None:
    """All four kinds stand in the playlist made by hand; entries use `item`, not `track`."""
    sunday = next(item for item in api.get("/me/playlists").json()["items"] if item["name"] == "Sunday")
    path = f"/playlists/{sunday['id']}/items"
    entries = api.get(path, params={"additional_types": "track,episode"}).json()["items"]
    assert all(set(entry) == {"added_at", "added_by", "is_local", "item"} for entry in entries)
    track, nothing, _, episode, local = (entry["item"] for entry in entries)
    assert track["type"] == "track"
    assert nothing is None
    assert (episode["type"], episode["show"]["name"]) == ("episode", "Groove Talk")
    assert (local["type"], local["is_local"], local["id"]) == ("track", True, None)
    assert [entry["is_local"] for entry in entries] == [False, False, False, False, True]
    page = api.get(path, params={"additional_types": "track,episode", "limit": 2}).json()
    assert "additional_types=track%2Cepisode" in page["next"]


def test_clients_that_name_no_episodes_get_them_as_tracks(api: httpx.Client) -> None:
    """With the type and the uri of an episode, no show, and as if they could not be played."""
    sunday = next(item for item in api.get("/me/playlists").json()["items"] if item["name"] == "Sunday")
    episode = api.get(f"/playlists/{sunday['id']}/items").json()["items"][3]["item"]
    assert api.get(f"/playlists/{sunday['id']}").json()["items"]["items"][3]["item"] == episode
    assert (episode["type"], episode["uri"].split(":")[1]) == ("episode", "episode")
    assert (episode["album"]["name"], episode["artists"][0]["name"]) == ("Groove Talk", "Groove Talk")
    assert (episode["track_number"], episode["is_playable"], "show" in episode) == (0, False, False)


def test_adding_appends_or_inserts_and_never_removes_doubles(
    api: httpx.Client, filled: str, uris: dict[str, str]
) -> None:
    """What is in already goes in again; `position` counts from the start."""
    answer = api.post(f"/playlists/{filled}/items", json={"uris": [uris["Get Lucky"]], "position": 0})
    assert answer.status_code == 201
    api.post(f"/playlists/{filled}/items", params={"uris": uris["Get Lucky"], "position": 1})
    lucky, juicy, gone = uris["Get Lucky"], uris["Juicy"], uris["Роллинг"]
    assert uris_in(api, filled) == [lucky, lucky, juicy, lucky, gone]


def test_the_snapshot_changes_with_each_write_and_names_the_version(
    api: httpx.Client, filled: str, uris: dict[str, str]
) -> None:
    """The answer of a write and the next reading agree."""
    snapshots = [api.get(f"/playlists/{filled}").json()["snapshot_id"]]
    snapshots.append(api.post(f"/playlists/{filled}/items", json={"uris": [uris["Juicy"]]}).json()["snapshot_id"])
    gone = {"items": [{"uri": uris["Juicy"]}]}
    snapshots.append(api.request("DELETE", f"/playlists/{filled}/items", json=gone).json()["snapshot_id"])
    assert len(set(snapshots)) == 3
    assert api.get(f"/playlists/{filled}").json()["snapshot_id"] == snapshots[-1]


def test_removing_takes_every_occurrence(api: httpx.Client, filled: str, uris: dict[str, str]) -> None:
    """Positions are ignored, and an older snapshot is as good as the newest."""
    old = api.get(f"/playlists/{filled}").json()["snapshot_id"]
    api.post(f"/playlists/{filled}/items", json={"uris": [uris["Juicy"]]})
    body = {"items": [{"uri": uris["Juicy"], "positions": [0]}], "snapshot_id": old}
    assert api.request("DELETE", f"/playlists/{filled}/items", json=body).status_code == 200
    assert uris_in(api, filled) == [uris["Get Lucky"], uris["Роллинг"]]


def test_removing_what_is_not_in_it_changes_nothing(api: httpx.Client, filled: str, uris: dict[str, str]) -> None:
    """The snapshot stays."""
    before = api.get(f"/playlists/{filled}").json()["snapshot_id"]
    body = {"items": [{"uri": "spotify:track:" + "0" * 22}]}
    assert api.request("DELETE", f"/playlists/{filled}/items", json=body).json() == {"snapshot_id": before}


def test_replacing_drops_everything_else(api: httpx.Client, filled: str, uris: dict[str, str]) -> None:
    """The items sent are all there is afterwards; none empties the playlist."""
    assert api.put(f"/playlists/{filled}/items", json={"uris": [uris["Juicy"]]}).status_code == 200
    assert uris_in(api, filled) == [uris["Juicy"]]
    api.put(f"/playlists/{filled}/items", json={"uris": []})
    assert uris_in(api, filled) == []


@pytest.mark.parametrize(
    ("move", "order"),
    [
        ({"range_start": 0, "insert_before": 3}, [1, 2, 0]),
        ({"range_start": 2, "insert_before": 0}, [2, 0, 1]),
        ({"range_start": 0, "range_length": 2, "insert_before": 3}, [2, 0, 1]),
        ({"range_start": 0, "range_length": 2, "insert_before": 1}, [0, 1, 2]),
    ],
)
def test_reordering_moves_a_range(api: httpx.Client, filled: str, move: dict[str, int], order: list[int]) -> None:
    """`insert_before` counts the places before the move."""
    before = uris_in(api, filled)
    assert api.put(f"/playlists/{filled}/items", json=move).status_code == 200
    assert uris_in(api, filled) == [before[place] for place in order]


@pytest.mark.parametrize(
    "body",
    [
        {"range_start": 0, "insert_before": 4},
        {"range_start": 3, "insert_before": 0},
        {"range_start": 0, "range_length": 0, "insert_before": 0},
        {"range_start": 0},
        {},
        {"uris": [], "range_start": 0, "insert_before": 1},
        {"range_start": 0, "insert_before": 1, "snapshot_id": "made-up"},
    ],
)
def test_updates_that_make_no_sense_are_refused_and_change_nothing(
    api: httpx.Client, filled: str, body: dict[str, object]
) -> None:
    """Ranges outside the playlist, half a move, both kinds at once, a snapshot nobody gave."""
    before = uris_in(api, filled)
    assert api.put(f"/playlists/{filled}/items", json=body).status_code == 400
    assert uris_in(api, filled) == before


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_at_most_a_hundred_items_a_call(
    api: httpx.Client, own_playlist: str, uris: dict[str, str], method: str
) -> None:
    """One more is an error, and nothing of it is done."""
    many = [uris["Juicy"]] * 101
    body = {"items": [{"uri": uri} for uri in many]} if method == "DELETE" else {"uris": many}
    assert api.request(method, f"/playlists/{own_playlist}/items", json=body).status_code == 400
    assert uris_in(api, own_playlist) == []


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("spotify:local:a:b:c:1", "Invalid track uri: spotify:local:a:b:c:1"),
        ("juicy", "Invalid track uri: juicy"),
        ("spotify:track:" + "0" * 22, "Payload contains a non-existing ID"),
    ],
)
def test_one_wrong_uri_refuses_the_whole_call(
    api: httpx.Client, own_playlist: str, uris: dict[str, str], uri: str, message: str
) -> None:
    """Local files cannot be added through the Web API, nor can what does not exist."""
    answer = api.post(f"/playlists/{own_playlist}/items", json={"uris": [uris["Juicy"], uri]})
    assert answer.json() == {"error": {"status": 400, "message": message}}
    assert uris_in(api, own_playlist) == []


@pytest.mark.parametrize(
    "body", [{"uris": []}, {}, {"uris": "spotify:track:x"}, {"uris": None}, {"uris": ["\ud83d"]}, [], [3]]
)
def test_adding_nothing_is_refused(api: httpx.Client, own_playlist: str, body: object) -> None:
    """An empty addition is an error on Spotify's side, and so is one of what can be no uri."""
    content, headers = json.dumps(body), {"content-type": "application/json"}
    answer = api.post(f"/playlists/{own_playlist}/items", content=content, headers=headers)
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, 400)


def test_a_position_behind_the_end_is_refused(api: httpx.Client, filled: str, uris: dict[str, str]) -> None:
    """Three items have the places 0 to 3 for a fourth."""
    path = f"/playlists/{filled}/items"
    assert api.post(path, json={"uris": [uris["Juicy"]], "position": 4}).status_code == 400
    assert api.post(path, json={"uris": [uris["Juicy"]], "position": 3}).status_code == 201


def test_a_playlist_holds_ten_thousand_items(
    api: httpx.Client, own_playlist: str, uris: dict[str, str], server: SandboxServer
) -> None:
    """The one too many is answered with 500, and the playlist stays as it was."""
    path = f"/playlists/{own_playlist}/items"
    for _ in range(100):
        assert api.post(path, json={"uris": [uris["Juicy"]] * 100}).status_code == 201
    answer = api.post(path, json={"uris": [uris["Juicy"]]})
    assert answer.status_code == 500
    assert len(server.store.account.playlists[own_playlist].entries) == 10_000


@pytest.mark.parametrize("limit", [0, 51])
def test_pages_hold_one_to_fifty_items(api: httpx.Client, filled: str, limit: int) -> None:
    """The hundred of the old call is refused."""
    assert api.get(f"/playlists/{filled}/items", params={"limit": limit}).status_code == 400
