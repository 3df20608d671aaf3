"""The demo account, made from two files that a person can read: the same account on every machine.

`demo_library.csv` has a line for each liked song: title, artists (joined by " ; "), album, year and note, which is
empty, or "duplicate" (the song is there again, under another id), "unavailable" or "local". `demo_playlists.toml` has
the playlists that were made by hand: `songs` by "First artist - Title", and each `extra` (an episode, a local file or a
null entry) at its `position` in the finished playlist, the lowest first.
"""

import csv
import hashlib
import io
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

from cratewise.errors import DataFileError
from cratewise.spotify.sandbox.ids import local_uri, made_id
from cratewise.spotify.sandbox.values import Account, Album, Artist, Entry, Item, Person, Playlist, SavedTrack

LIBRARY_FILE = "demo_library.csv"
PLAYLISTS_FILE = "demo_playlists.toml"
COLUMNS = ("title", "artists", "album", "year", "note")
NOTES = ("", "duplicate", "unavailable", "local")

_OWNER = Person("sandbox-listener", "Robin (sandbox)")
_FIRST_LIKE = datetime(2014, 3, 1, tzinfo=UTC)
_LAST_LIKE = datetime(2026, 9, 30, tzinfo=UTC)


def demo_account() -> Account:
    """The account that `cratewise demo` and `cratewise sandbox` start with."""
    folder = resources.files("cratewise.spotify.sandbox")
    return account_from(
        folder.joinpath(LIBRARY_FILE).read_text("utf-8"), folder.joinpath(PLAYLISTS_FILE).read_text("utf-8")
    )


def account_from(library_csv: str, playlists_toml: str = "") -> Account:
    """An account with the songs of a library file liked, newest first, and the playlists of a playlists file.

    Raises:
        DataFileError: A line or a playlist is not as described above, or two lines are the same song and album.
    """
    items: dict[str, Item] = {}
    saved: list[SavedTrack] = []
    for line, row in _rows(library_csv):
        item = _song(row, line)
        if item.uri in items:
            raise DataFileError(
                f"{LIBRARY_FILE}, line {line}: {row['artists']} - {row['title']} is there twice on one album",
                hint='Give the second one another album and the note "duplicate".',
            )
        items[item.uri] = item
        saved.append(SavedTrack(item.uri, _liked_at(item)))
    saved.sort(key=lambda liked: (liked.added_at, liked.uri), reverse=True)
    account = Account(made_id("account", _OWNER.id), _OWNER, items, tuple(saved))
    for number, playlist in enumerate(tomllib.loads(playlists_toml).get("playlist", [])):
        account = _with_playlist(account, playlist, _FIRST_LIKE + timedelta(days=200 * (number + 1)))
    return account


def _rows(library_csv: str) -> Iterable[tuple[int, Mapping[str, str]]]:
    reader = csv.DictReader(io.StringIO(library_csv, newline=""), strict=True)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise DataFileError(f"{LIBRARY_FILE}, line 1: the columns are {reader.fieldnames}, not {list(COLUMNS)}")
    for row in reader:
        if None in row or None in row.values():
            raise DataFileError(f"{LIBRARY_FILE}, line {reader.line_num}: there are not {len(COLUMNS)} fields")
        yield reader.line_num, row


def _song(row: Mapping[str, str], line: int) -> Item:
    title, note = row["title"].strip(), row["note"].strip()
    names = [name.strip() for name in row["artists"].split(" ; ")]
    if not title or not all(names):
        raise DataFileError(f"{LIBRARY_FILE}, line {line}: a song needs a title and an artist")
    if note not in NOTES:
        raise DataFileError(f'{LIBRARY_FILE}, line {line}: the note is "{note}", not one of {", ".join(NOTES[1:])}')
    year = row["year"].strip()
    if year and not year.isdecimal():
        raise DataFileError(f'{LIBRARY_FILE}, line {line}: the year is "{year}"')
    if note == "local":
        return _local_file(title, names, row["album"].strip())
    artists = tuple(Artist(made_id("artist", name), name) for name in names)
    album_name = row["album"].strip() or title
    album = Album(made_id("album", names[0], album_name), album_name, artists[:1], int(year) if year else None)
    id_ = made_id("track", *names, title, album_name)
    return Item(f"spotify:track:{id_}", id_, "track", title, artists, album, is_playable=note != "unavailable")


def _local_file(title: str, artists: list[str], album: str) -> Item:
    names = tuple(Artist(None, name) for name in artists)
    return Item(local_uri(", ".join(artists), album, title), None, "local", title, names, Album(None, album, (), None))


def _liked_at(item: Item) -> datetime:
    """A time that depends on the song alone, so that new lines move no other song, and not before its release."""
    fraction = int.from_bytes(hashlib.sha256(item.uri.encode()).digest()[:8]) / 2**64
    year = item.album.year if item.album is not None else None
    first = _FIRST_LIKE if year is None else max(_FIRST_LIKE, datetime(year, 7, 1, tzinfo=UTC))
    first = min(first, _LAST_LIKE - timedelta(days=90))
    return (first + (_LAST_LIKE - first) * fraction).replace(microsecond=0)


def _with_playlist(account: Account, wanted: Mapping[str, Any], made_at: datetime) -> Account:
    """Adds a playlist, and to what can be played what it holds besides liked songs."""
    name = str(wanted.get("name", ""))
    if not name:
        raise DataFileError(f"{PLAYLISTS_FILE}: a playlist has no name")
    items = dict(account.items)
    by_name: dict[str, Item] = {}
    for item in items.values():
        if item.artists:
            by_name.setdefault(f"{item.artists[0].name} - {item.name}", item)
    entries: list[Entry] = []
    for song in wanted.get("songs", []):
        if song not in by_name:
            raise DataFileError(f'{PLAYLISTS_FILE}: "{name}" holds "{song}", which is not in {LIBRARY_FILE}')
        entries.append(Entry(by_name[song].uri, made_at + timedelta(days=len(entries)), account.person.id))
    for extra in wanted.get("extra", []):
        other = _other_item(extra, name)
        if other is not None:
            items[other.uri] = other
        place = extra.get("position", len(entries))
        entry = Entry(other.uri if other else None, made_at + timedelta(days=len(entries)), account.person.id)
        entries.insert(place, entry)
    playlist = Playlist(
        id=made_id("playlist", name),
        name=name,
        owner=account.person,
        description=str(wanted.get("description", "")),
        entries=tuple(entries),
    )
    return replace(account, items=items, playlists={**account.playlists, playlist.id: playlist})


def _other_item(extra: Mapping[str, Any], playlist: str) -> Item | None:
    """An episode or a local file; `None` for an entry of which Spotify knows nothing any more."""
    match extra.get("kind"):
        case "episode":
            id_ = made_id("episode", extra["show"], extra["title"])
            return Item(f"spotify:episode:{id_}", id_, "episode", extra["title"], show=extra["show"])
        case "local":
            return _local_file(extra["title"], [extra["artist"]], extra.get("album", ""))
        case "null":
            return None
        case kind:
            raise DataFileError(f'{PLAYLISTS_FILE}: "{playlist}" holds an entry of the unknown kind "{kind}"')
