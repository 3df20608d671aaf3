"""Planning: liked songs, rules, and what the account holds now, to the exact list of changes. Pure."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from cratewise.playlists.accounting import account_for
from cratewise.playlists.cover import CoverDesign
from cratewise.playlists.duplicates import same_songs
from cratewise.playlists.ordering import in_order
from cratewise.playlists.placing import KnownNames, PlacedSong, is_in, place_songs, small_styles
from cratewise.playlists.plan import (
    STAYS,
    LikedSong,
    ManagedPlaylist,
    Plan,
    PlaylistChange,
    SongRef,
    UntouchedGenre,
)
from cratewise.playlists.rules import About, Rules

PLAYLIST_CAPACITY = 10_000
"""Entries that Spotify takes in one playlist."""

Liked = Mapping[str, tuple[LikedSong, PlacedSong]]
"""Each release, and the song it is one of, by URI."""


def plan_playlists(
    songs: Iterable[LikedSong], rules: Rules, playlists: Iterable[ManagedPlaylist], names: KnownNames
) -> Plan:
    """Returns what has to be written so that the account's playlists hold what the rules ask for.

    Only playlists that this program made are changed. What a person put in stays in, what a person took out stays
    out, and what cannot be matched (local files, episodes, entries without a URI) stays where it is. The same input in
    any order gives the same plan, and once it is applied the plan is empty.

    Args:
        songs: The liked songs.
        rules: What the person wants.
        playlists: The playlists this program made, at most one for each genre.
        names: Display names of genres and of songs.
    """
    releases = same_songs(songs)
    managed = {playlist.genre: playlist for playlist in playlists}
    small = small_styles(releases, rules, managed)
    placed = place_songs(releases, rules, small, names)
    belonging = _by_genre(placed)
    liked = {release.uri: (release, song) for song in placed for release in song.releases}
    changes: list[PlaylistChange] = []
    untouched: list[UntouchedGenre] = []
    for genre in rules.genres:
        if genre in small:
            outcome: PlaylistChange | UntouchedGenre = _too_few(genre, 0, small[genre], rules, names)
        else:
            outcome = _outcome(genre, belonging[genre], liked, rules, managed.get(genre), names)
        if isinstance(outcome, PlaylistChange):
            changes.append(outcome)
        else:
            untouched.append(outcome)
    for playlist in sorted(managed.values(), key=lambda playlist: playlist.genre):
        if playlist.genre not in rules.genres and playlist.exists:
            reason = f"Its genre gets no playlist any more, so it {STAYS}"
            untouched.append(UntouchedGenre(playlist.genre, playlist.name, 0, playlist.playlist_id, reason))
    return Plan(
        plan_id=plan_id(changes),
        rules=rules,
        changes=tuple(changes),
        untouched=tuple(untouched),
        placements=account_for(placed, changes, managed, rules),
    )


def _by_genre(placed: Iterable[PlacedSong]) -> Mapping[str, list[PlacedSong]]:
    """The songs that belong in the playlist of each genre, in one pass: one for each genre takes several times it."""
    found: dict[str, list[PlacedSong]] = defaultdict(list)
    for song in placed:
        for genre in dict.fromkeys(song.genres):
            found[genre].append(song)
    return found


def _outcome(
    genre: str,
    wanted: list[PlacedSong],
    liked: Liked,
    rules: Rules,
    playlist: ManagedPlaylist | None,
    names: KnownNames,
) -> PlaylistChange | UntouchedGenre:
    called = names.genres.get(genre, genre)
    if playlist is not None and playlist.exists:
        return _update(wanted, liked, playlist, rules, names)
    if playlist is not None and not rules.remake_deleted:
        return UntouchedGenre(genre, playlist.name, len(wanted), None, "You deleted this playlist: it stays deleted.")
    playable = [song for song in wanted if song.best.is_available]
    if len(playable) < rules.least_songs:
        return _too_few(genre, len(wanted), len(playable), rules, names)
    taken = in_order(playable[:PLAYLIST_CAPACITY], rules.order)
    about = About(called, names.families.get(genre, called), len(taken), names.today)
    name = rules.name(about)
    return PlaylistChange(
        kind="create",
        genre=genre,
        playlist_id=None,
        name=name,
        description=rules.description(about),
        public=rules.public,
        adds=tuple(_added(song, genre) for song in taken),
        removes=(),
        kept=0,
        reason=f"New playlist for {_songs(len(taken))}." + _left_out(len(playable) - len(taken)),
        cover=CoverDesign(called, names.colours[genre]) if rules.covers and genre in names.colours else None,
        note=_namesake(name, names),
    )


def _too_few(genre: str, wanted: int, playable: int, rules: Rules, names: KnownNames) -> UntouchedGenre:
    reason = f"{_songs(playable)}, and a playlist needs at least {rules.least_songs}."
    return UntouchedGenre(genre, names.genres.get(genre, genre), wanted, None, reason)


def _namesake(name: str, names: KnownNames) -> str:
    if name.strip().casefold() not in {other.strip().casefold() for other in names.playlists}:
        return ""
    return (
        "You have another playlist of this name that cratewise did not make. It is never touched: "
        "the new one will stand beside it."
    )


def _update(
    wanted: list[PlacedSong], liked: Liked, playlist: ManagedPlaylist, rules: Rules, names: KnownNames
) -> PlaylistChange | UntouchedGenre:
    here = set(playlist.contents)
    seen = playlist.ours | here
    missing = [song for song in wanted if song.best.is_available and not is_in(song, here if song.is_pinned else seen)]
    taken = missing[: max(0, PLAYLIST_CAPACITY - len(playlist.contents))]
    removes = tuple(_removed(wanted, liked, playlist, rules, names))
    gone = {song.uri for song in removes}
    left_out = _left_out(len(missing) - len(taken))
    if not taken and not removes:
        reason = "It is up to date." + left_out
        return UntouchedGenre(playlist.genre, playlist.name, len(wanted), playlist.playlist_id, reason)
    parts = [f"{_songs(len(taken))} to put in"] * bool(taken) + [f"{_songs(len(removes))} to take out"] * bool(removes)
    return PlaylistChange(
        kind="update",
        genre=playlist.genre,
        playlist_id=playlist.playlist_id,
        name=playlist.name,
        description="",
        public=False,
        adds=tuple(_added(song, playlist.genre) for song in taken),
        removes=removes,
        kept=sum(1 for uri in playlist.contents if uri not in gone),
        reason=", ".join(parts) + "." + left_out,
        snapshot_id=playlist.snapshot_id,
        before=playlist.contents,
        ours_before=playlist.ours,
    )


def _removed(
    wanted: list[PlacedSong], liked: Liked, playlist: ManagedPlaylist, rules: Rules, names: KnownNames
) -> Iterator[SongRef]:
    here = {release.uri: number for number, song in enumerate(wanted) for release in song.releases}
    seen: set[int] = set()
    for uri in dict.fromkeys(playlist.contents):
        if uri is None or uri not in playlist.ours:
            continue
        if uri in here:
            if here[uri] in seen:
                title, artists = liked[uri][0].title, liked[uri][0].artists
                yield SongRef(uri, title, artists, "The same song is in there already.", is_movable=False)
            seen.add(here[uri])
        elif uri in liked:
            release, song = liked[uri]
            if song.best.genre:
                reason = song.why if song.genre is None else f"It goes to {names.genres.get(song.genre, song.genre)}."
                yield SongRef(uri, release.title, release.artists, reason, song.best.is_liked)
        elif not rules.keep_unliked:
            title, artists = names.songs.get(uri, ("", ()))
            why = "It is in no playlist of yours any more." if rules.sources else "You do not like it any more."
            yield SongRef(uri, title, artists, why, is_movable=False)


def _added(song: PlacedSong, genre: str) -> SongRef:
    best = song.best
    return SongRef(best.uri, best.title, best.artists, song.why_in(genre) or song.why, best.is_liked)


def _songs(count: int) -> str:
    return "1 song" if count == 1 else f"{count:,} songs"


def _left_out(count: int) -> str:
    return f" {_songs(count)} liked longest ago left out: Spotify takes {PLAYLIST_CAPACITY:,}." if count > 0 else ""


def plan_id(changes: Iterable[PlaylistChange]) -> str:
    """A hash of changes: the same ones have the same."""
    rows = [
        (
            change.kind,
            change.genre,
            change.playlist_id,
            change.name,
            change.description,
            change.public,
            change.cover and [change.cover.title, change.cover.colour],
            [song.uri for song in change.adds],
            [song.uri for song in change.removes],
            change.before,
            sorted(change.ours_before),
        )
        for change in changes
    ]
    return hashlib.blake2b(json.dumps(rows).encode(), digest_size=8).hexdigest()
