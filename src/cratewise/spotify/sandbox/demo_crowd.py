"""Any number of demo accounts, each of somebody else who likes other songs: the same on every machine.

They share one catalogue, as the people at Spotify do, so that a thousand accounts take little memory.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from math import ceil

from cratewise.spotify.sandbox.demo import demo_account
from cratewise.spotify.sandbox.ids import made_id
from cratewise.spotify.sandbox.values import Account, Item, Person, Playlist, SavedTrack

_NAMES = (
    "Robin", "Ada", "Ben", "Chidi", "Dana", "Emil", "Farah", "Goran", "Hana", "Ines",
    "Jun", "Kofi", "Lena", "Mateo", "Noor", "Oona", "Priya", "Quentin", "Rosa", "Sven",
)  # fmt: skip
_LIKED_PART = 0.9  # of the songs there are to like, which leaves each account another tenth that it does not


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """All there is to play, and when each song of it is liked by those who do, the newest first."""

    items: Mapping[str, Item]
    likes: tuple[SavedTrack, ...]


def demo_account_of(number: int, n_songs: int | None = None) -> Account:
    """The demo account of the person with that number; number 1 has the one that `cratewise demo` starts with.

    Args:
        number: From 1 on; the same number gives the same account.
        n_songs: How many songs are liked; `None` for nine tenths of the demo library, and all of it for number 1.
            Beyond the demo library's size, its songs are there again as further parts on further volumes.
    """
    base = _base()
    person = base.person if number == 1 else _person(number)
    if n_songs is None and number == 1:
        return base
    wanted = round(len(base.saved) * _LIKED_PART) if n_songs is None else n_songs
    catalogue = _catalogue(_volumes_for(wanted, len(base.saved)))
    playlists = [_owned(playlist, person, number) for playlist in base.playlists.values()]
    return Account(
        account_id=base.account_id if number == 1 else made_id("account", person.id),
        person=person,
        items=catalogue.items,
        saved=_liked(catalogue.likes, wanted, number),
        playlists={playlist.id: playlist for playlist in playlists},
    )


_base = cache(demo_account)


def _person(number: int) -> Person:
    again, place = divmod(number - 1, len(_NAMES))
    name = _NAMES[place] if again == 0 else f"{_NAMES[place]} {again + 1}"
    return Person(f"sandbox-listener-{number}", f"{name} (sandbox)")


def _volumes_for(n_songs: int, n_demo_songs: int) -> int:
    """How often the demo library is needed, so that an account leaves some of its songs out."""
    return max(1, ceil(n_songs / (n_demo_songs * _LIKED_PART)))


@cache
def _catalogue(n_volumes: int) -> _Catalogue:
    base = _base()
    items, likes = dict(base.items), list(base.saved)
    for volume in range(2, n_volumes + 1):
        for saved in base.saved:
            item = _again(base.items[saved.uri], volume)
            if item is not None:
                items[item.uri] = item
                likes.append(SavedTrack(item.uri, saved.added_at))
    likes.sort(key=lambda liked: (liked.added_at, liked.uri), reverse=True)
    return _Catalogue(items, tuple(likes))


def _again(item: Item, volume: int) -> Item | None:
    """A further part of a song, on a further volume of its album; `None` for local files, which are nowhere else."""
    if item.id is None or item.album is None:
        return None
    id_ = made_id("track", item.id, str(volume))
    name = f"{item.album.name}, volume {volume}"
    album = replace(item.album, id=made_id("album", item.album.id or "", str(volume)), name=name)
    return replace(item, uri=f"spotify:track:{id_}", id=id_, name=f"{item.name}, part {volume}", album=album)


def _liked(likes: tuple[SavedTrack, ...], wanted: int, number: int) -> tuple[SavedTrack, ...]:
    """As many of these as wanted, in their order; which ones depends on the number, but not on the machine."""

    def rank(place: int) -> bytes:
        return hashlib.blake2b(f"{number} {likes[place].uri}".encode(), digest_size=8).digest()

    return tuple(likes[place] for place in sorted(sorted(range(len(likes)), key=rank)[:wanted]))


def _owned(playlist: Playlist, person: Person, number: int) -> Playlist:
    """A playlist that the demo library's owner made, as if this person had made it."""
    if number == 1:
        return playlist
    entries = tuple(replace(entry, added_by=person.id) for entry in playlist.entries)
    return replace(playlist, id=made_id("playlist", playlist.id, str(number)), owner=person, entries=entries)
