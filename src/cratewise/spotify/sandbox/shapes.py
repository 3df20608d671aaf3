"""The JSON of the Web API, made from the account's values: the fields a new app gets in 2026, none that are gone."""

from dataclasses import replace
from datetime import datetime
from html import escape
from typing import Any

from cratewise.spotify.sandbox.ids import made_id, snapshot_id
from cratewise.spotify.sandbox.paging import Window, page_of
from cratewise.spotify.sandbox.values import Account, Album, Artist, Entry, Item, Person, Playlist, SavedTrack

Json = dict[str, Any]


class Shapes:
    """Makes the API's objects, whose links lead back to this server.

    A track carries `is_playable` only where that says something: when the call named a market, or when it is false.
    (Spotify applies the country of the account where no market is named; `available_markets` is gone.)
    """

    def __init__(self, base_url: str, root: str = "") -> None:
        self.base_url = f"{base_url}{root}"
        self.api_url = f"{base_url}/v1"

    def profile(self, account: Account) -> Json:
        """`GET /me`, without country, e-mail and product, which new apps no longer get."""
        return {
            "account_id": account.account_id,
            "display_name": account.person.display_name,
            "images": [],
            **self._person(account.person.id),
        }

    def saved_track(self, account: Account, saved: SavedTrack, market: str | None) -> Json:
        """An entry of the liked songs."""
        return {"added_at": timestamp(saved.added_at), "track": self.item(account.items[saved.uri], market)}

    def playlist_entry(self, account: Account, entry: Entry, market: str | None, types: str = "") -> Json:
        """A place in a playlist; its `item` may be null, and is a track's where `types` does not name episodes."""
        item = account.items.get(entry.uri) if entry.uri is not None else None
        return {
            "added_at": timestamp(entry.added_at),
            "added_by": self._person(entry.added_by),
            "is_local": item is not None and item.kind == "local",
            "item": None if item is None else self._item_of(item, market, types),
        }

    def playlist_summary(self, playlist: Playlist) -> Json:
        """A playlist as lists of playlists show it: a link and a count in the place of its items."""
        return {
            **self._playlist_metadata(playlist),
            "items": {"href": f"{self.api_url}/playlists/{playlist.id}/items", "total": len(playlist.entries)},
        }

    def playlist(self, account: Account, playlist: Playlist, market: str | None, types: str = "") -> Json:
        """A playlist with its first page of items, which only its owner and collaborators get."""
        whole = {**self._playlist_metadata(playlist), "followers": {"href": None, "total": 0}}
        if playlist.owner.id == account.person.id or playlist.collaborative:
            address = f"{self.api_url}/playlists/{playlist.id}/items"
            whole["items"] = page_of(
                playlist.entries,
                address,
                Window(limit=50, market=market),
                shape=lambda entry: self.playlist_entry(account, entry, market, types),
                query={"additional_types": types},
            )
        return whole

    def item(self, item: Item, market: str | None) -> Json:
        """A track, local file or episode."""
        if item.kind == "episode":
            return self._episode(item)
        links = self._links("track", item.id)
        track: Json = {
            "album": self._album(item.album) if item.album is not None else None,
            "artists": [self._artist(artist) for artist in item.artists],
            "disc_number": 1 if item.kind == "track" else 0,
            "duration_ms": item.duration_ms,
            "explicit": False,
            "external_ids": {"isrc": item.isrc} if item.isrc else {},
            **links,
            "is_local": item.kind == "local",
            "name": item.name,
            "preview_url": None,
            "track_number": 1 if item.kind == "track" else 0,
            "type": "track",
            "uri": item.uri,
        }
        if item.kind == "track" and (market is not None or not item.is_playable):
            track["is_playable"] = item.is_playable
        if not item.is_playable:
            track["restrictions"] = {"reason": "market"}
        return track

    def _item_of(self, item: Item, market: str | None, types: str) -> Json:
        if item.kind == "episode" and "episode" not in types.split(","):
            return self._episode_as_track(item)
        return self.item(item, market)

    def _episode_as_track(self, item: Item) -> Json:
        """What clients get that do not say that they know episodes: https://github.com/spotify/web-api/issues/1528."""
        show = Album(made_id("show", item.show), item.show, (), None)
        return {
            **self.item(replace(item, kind="track", album=show, artists=(Artist(None, item.show),)), None),
            **self._links("episode", item.id),
            "is_playable": False,
            "disc_number": 0,
            "track_number": 0,
            "type": "episode",
        }

    def _playlist_metadata(self, playlist: Playlist) -> Json:
        cover = {"url": f"{self.base_url}/covers/{playlist.id}.jpg", "height": None, "width": None}
        return {
            "collaborative": playlist.collaborative,
            "description": escape(playlist.description),  # as Spotify does: "R&amp;B"
            **self._links("playlist", playlist.id),
            "images": [cover] if playlist.cover else [],
            "name": playlist.name,
            "owner": self._owner(playlist.owner),
            "primary_color": None,
            "public": playlist.public,
            "snapshot_id": snapshot_id(playlist.id, playlist.revision),
            "type": "playlist",
            "uri": f"spotify:playlist:{playlist.id}",
        }

    def _episode(self, item: Item) -> Json:
        show_id = made_id("show", item.show)
        show = {
            "copyrights": [],
            "description": "",
            "explicit": False,
            **self._links("show", show_id),
            "html_description": "",
            "images": [],
            "is_externally_hosted": False,
            "languages": ["en"],
            "media_type": "audio",
            "name": item.show,
            "total_episodes": 1,
            "type": "show",
            "uri": f"spotify:show:{show_id}",
        }
        return {
            "audio_preview_url": None,
            "description": "",
            "duration_ms": item.duration_ms,
            "explicit": False,
            **self._links("episode", item.id),
            "html_description": "",
            "images": [],
            "is_externally_hosted": False,
            "is_playable": item.is_playable,
            "languages": ["en"],
            "name": item.name,
            "release_date": "0000",
            "release_date_precision": "year",
            "show": show,
            "type": "episode",
            "uri": item.uri,
        }

    def _album(self, album: Album) -> Json:
        return {
            "album_type": "album" if album.id else None,
            "artists": [self._artist(artist) for artist in album.artists],
            **self._links("album", album.id),
            "images": [],
            "name": album.name,
            "release_date": f"{album.year:04}" if album.year is not None else None,
            "release_date_precision": "year" if album.year is not None else None,
            "total_tracks": 1,
            "type": "album",
            "uri": f"spotify:album:{album.id}" if album.id else None,
        }

    def _artist(self, artist: Artist) -> Json:
        uri = f"spotify:artist:{artist.id}" if artist.id else None
        return {**self._links("artist", artist.id), "name": artist.name, "type": "artist", "uri": uri}

    def _owner(self, owner: Person) -> Json:
        return {**self._person(owner.id), "display_name": owner.display_name}

    def _person(self, person_id: str) -> Json:
        return {
            "external_urls": {"spotify": self.base_url},
            "href": f"{self.api_url}/users/{person_id}",
            "id": person_id,
            "type": "user",
            "uri": f"spotify:user:{person_id}",
        }

    def _links(self, kind: str, id_: str | None) -> Json:
        """The id and the links of an object; local files and their artists have neither."""
        if id_ is None:
            return {"external_urls": {}, "href": None, "id": None}
        return {
            "external_urls": {"spotify": f"{self.base_url}/{kind}/{id_}"},
            "href": f"{self.api_url}/{kind}s/{id_}",
            "id": id_,
        }


def timestamp(at: datetime) -> str:
    """UTC to the second, as Spotify writes times."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
