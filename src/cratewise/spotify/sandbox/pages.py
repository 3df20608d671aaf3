"""The account as a person would look at it: its playlists, what is in them, and the liked songs."""

import base64
from typing import Any

from fastapi import APIRouter, Response

from cratewise.spotify.sandbox.authorisation import Parts, Sandbox
from cratewise.spotify.sandbox.html import rendered
from cratewise.spotify.sandbox.ids import made_id
from cratewise.spotify.sandbox.values import Item

router = APIRouter()


@router.get("/")
def account_page(sandbox: Sandbox) -> Response:
    """Playlists with their counts and makers, and how many songs are liked."""
    account = sandbox.store.account
    playlists = [playlist for playlist in reversed(list(account.playlists.values())) if playlist.is_followed]
    return _page(sandbox, "account.html", playlists=playlists)


@router.get("/liked")
def liked_page(sandbox: Sandbox) -> Response:
    """The liked songs, newest first."""
    account = sandbox.store.account
    rows = [(account.items[saved.uri], saved.added_at) for saved in account.saved]
    return _page(sandbox, "songs.html", title="Liked songs", subtitle="", playlist=None, rows=rows)


@router.get("/playlist/{playlist_id}")
def playlist_page(sandbox: Sandbox, playlist_id: str) -> Response:
    """What is in a playlist."""
    account = sandbox.store.account
    playlist = account.playlists.get(playlist_id)
    if playlist is None:
        return _missing(sandbox, "playlist")
    rows = [
        (account.items.get(entry.uri) if entry.uri is not None else None, entry.added_at) for entry in playlist.entries
    ]
    subtitle = playlist.description
    return _page(sandbox, "songs.html", title=playlist.name, subtitle=subtitle, playlist=playlist, rows=rows)


@router.get("/track/{id_}")
@router.get("/episode/{id_}")
def item_page(sandbox: Sandbox, id_: str) -> Response:
    """A song or an episode: what is known of it, and which playlists it is in."""
    account = sandbox.store.account
    item = next((item for item in account.items.values() if item.id == id_), None)
    if item is None:
        return _missing(sandbox, "song")
    playlists = [
        playlist
        for playlist in account.playlists.values()
        if playlist.is_followed and any(entry.uri == item.uri for entry in playlist.entries)
    ]
    return _page(sandbox, "item.html", item=item, playlists=playlists)


@router.get("/artist/{id_}")
def artist_page(sandbox: Sandbox, id_: str) -> Response:
    """The songs of an artist."""
    account = sandbox.store.account
    names = [artist.name for item in account.items.values() for artist in item.artists if artist.id == id_]
    songs = [item for item in account.items.values() if any(artist.id == id_ for artist in item.artists)]
    return _songs_of(sandbox, "artist", names[0] if names else "", songs)


@router.get("/album/{id_}")
def album_page(sandbox: Sandbox, id_: str) -> Response:
    """The songs of an album."""
    account = sandbox.store.account
    songs = [item for item in account.items.values() if item.album is not None and item.album.id == id_]
    return _songs_of(sandbox, "album", songs[0].album.name if songs and songs[0].album else "", songs)


@router.get("/show/{id_}")
def show_page(sandbox: Sandbox, id_: str) -> Response:
    """The episodes of a podcast."""
    account = sandbox.store.account
    episodes = [item for item in account.items.values() if item.show and made_id("show", item.show) == id_]
    return _songs_of(sandbox, "show", episodes[0].show if episodes else "", episodes)


@router.get("/covers/{playlist_id}.jpg")
def cover(sandbox: Sandbox, playlist_id: str) -> Response:
    """The cover that was given to a playlist."""
    account = sandbox.store.account
    playlist = account.playlists.get(playlist_id)
    if playlist is None or not playlist.cover:
        return _missing(sandbox, "cover")
    return Response(base64.b64decode(playlist.cover), media_type="image/jpeg", headers={"cache-control": "no-cache"})


def _songs_of(sandbox: Parts, kind: str, name: str, songs: list[Item]) -> Response:
    if not songs:
        return _missing(sandbox, kind)
    rows = [(item, None) for item in songs]
    return _page(sandbox, "songs.html", title=name, subtitle=kind, playlist=None, rows=rows)


def _missing(sandbox: Parts, what: str) -> Response:
    return _page(sandbox, "missing.html", status=404, what=what)


def _page(sandbox: Parts, template: str, *, status: int = 200, **values: Any) -> Response:
    """A page of the account as it is now, whose links lead to the account's other pages."""
    return rendered(template, status=status, account=sandbox.store.account, root=sandbox.root, **values)
