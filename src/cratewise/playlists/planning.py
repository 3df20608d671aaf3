"""Planning: liked songs, rules, and what the account holds now, to the exact list of changes. Pure."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field

from cratewise.playlists.duplicates import same_songs
from cratewise.playlists.plan import LikedSong, ManagedPlaylist, Plan, PlaylistChange, SongRef, UntouchedGenre
from cratewise.playlists.rules import Rules

PLAYLIST_CAPACITY = 10_000
"""Entries that Spotify takes in one playlist."""


@dataclass(frozen=True, slots=True)
class KnownNames:
    """Names for what is shown.

    Attributes:
        genres: Display names of genres by slug.
        songs: Title and artists by URI, of songs that are no longer liked.
    """

    genres: Mapping[str, str]
    songs: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Song:
    """One song with all its releases, and the playlist it belongs in (`None`: nowhere, for the reason in `why`)."""

    releases: tuple[LikedSong, ...]
    genre: str | None
    why: str

    @property
    def best(self) -> LikedSong:
        return _best(self.releases)


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
    chosen = set(rules.genres) - _small_styles(releases, rules, managed)
    placed = [_place(group, rules, chosen, names) for group in releases]
    changes: list[PlaylistChange] = []
    untouched: list[UntouchedGenre] = []
    for genre in rules.genres:
        outcome = _outcome(genre, placed, rules, managed.get(genre), names)
        if isinstance(outcome, PlaylistChange):
            changes.append(outcome)
        else:
            untouched.append(outcome)
    for playlist in sorted(managed.values(), key=lambda playlist: playlist.genre):
        if playlist.genre not in rules.genres and playlist.exists:
            reason = "Its genre is not chosen any more: it stays as it is."
            untouched.append(UntouchedGenre(playlist.genre, playlist.name, 0, playlist.playlist_id, reason))
    held = {uri for playlist in managed.values() for uri in playlist.contents}
    return Plan(
        plan_id=_plan_id(changes),
        rules=rules,
        changes=tuple(changes),
        untouched=tuple(untouched),
        unsure=sum(1 for song in placed if song.best.genre and _is_unsure(song.best, rules)),
        unchosen=sum(
            1 for song in placed if song.best.genre and not _is_unsure(song.best, rules) and song.genre is None
        ),
        unavailable=sum(1 for song in placed if not song.best.is_available and not _is_in(song, held)),
        duplicates=sum(len(group) - 1 for group in releases),
        unclassified=sum(1 for song in placed if not song.best.genre),
    )


def _best(releases: tuple[LikedSong, ...]) -> LikedSong:
    return next((release for release in releases if release.is_available), releases[0])


def _is_unsure(song: LikedSong, rules: Rules) -> bool:
    return song.confidence < rules.least_confidence


def _is_in(song: _Song, uris: Set[str | None]) -> bool:
    return any(release.uri in uris for release in song.releases)


def _small_styles(
    releases: list[tuple[LikedSong, ...]], rules: Rules, managed: Mapping[str, ManagedPlaylist]
) -> set[str]:
    best = [song for song in map(_best, releases) if song.genre]
    sizes = Counter(song.genre for song in best if song.is_available and not _is_unsure(song, rules))
    families = {song.family for song in best}
    return {
        genre
        for genre in rules.genres
        if genre not in families and genre not in managed and sizes[genre] < rules.least_songs
    }


def _place(releases: tuple[LikedSong, ...], rules: Rules, chosen: set[str], names: KnownNames) -> _Song:
    song = _best(releases)
    if not song.genre:
        return _Song(releases, None, "It is not classified yet.")
    called = names.genres.get(song.genre, song.genre)
    sureness = f"{song.confidence:.0%} sure"
    if _is_unsure(song, rules):
        return _Song(releases, None, f"Perhaps {called}, but only {sureness}.")
    for genre in (song.genre, song.family):
        if genre in chosen:
            return _Song(releases, genre, f"{called}, {sureness}. {song.why}".rstrip())
    return _Song(releases, None, f"It is {called} ({sureness}), which has no playlist.")


def _outcome(
    genre: str, placed: list[_Song], rules: Rules, playlist: ManagedPlaylist | None, names: KnownNames
) -> PlaylistChange | UntouchedGenre:
    wanted = [song for song in placed if song.genre == genre]
    called = names.genres.get(genre, genre)
    if playlist is not None and playlist.exists:
        return _update(wanted, placed, playlist, names)
    if playlist is not None and not rules.remake_deleted:
        return UntouchedGenre(genre, playlist.name, len(wanted), None, "You deleted this playlist: it stays deleted.")
    playable = [song for song in wanted if song.best.is_available]
    if len(playable) < rules.least_songs:
        reason = f"{_songs(len(playable))}, and a playlist needs at least {rules.least_songs}."
        return UntouchedGenre(genre, called, len(wanted), None, reason)
    taken = playable[:PLAYLIST_CAPACITY]
    return PlaylistChange(
        kind="create",
        genre=genre,
        playlist_id=None,
        name=rules.name(called),
        description=rules.description(called),
        public=rules.public,
        adds=tuple(_added(song) for song in taken),
        removes=(),
        kept=0,
        reason=f"New playlist for {_songs(len(taken))}." + _left_out(len(playable) - len(taken)),
    )


def _update(
    wanted: list[_Song], placed: list[_Song], playlist: ManagedPlaylist, names: KnownNames
) -> PlaylistChange | UntouchedGenre:
    seen = playlist.ours | set(playlist.contents)
    missing = [song for song in wanted if song.best.is_available and not _is_in(song, seen)]
    taken = missing[: max(0, PLAYLIST_CAPACITY - len(playlist.contents))]
    removes = tuple(_removed(wanted, placed, playlist, names))
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
        adds=tuple(_added(song) for song in taken),
        removes=removes,
        kept=sum(1 for uri in playlist.contents if uri not in gone),
        reason=", ".join(parts) + "." + left_out,
        snapshot_id=playlist.snapshot_id,
        before=playlist.contents,
        ours_before=playlist.ours,
    )


def _removed(
    wanted: list[_Song], placed: list[_Song], playlist: ManagedPlaylist, names: KnownNames
) -> Iterator[SongRef]:
    liked = {release.uri: (release, song) for song in placed for release in song.releases}
    here = {release.uri: number for number, song in enumerate(wanted) for release in song.releases}
    seen: set[int] = set()
    for uri in dict.fromkeys(playlist.contents):
        if uri is None or uri not in playlist.ours:
            continue
        if uri in here:
            if here[uri] in seen:
                yield SongRef(uri, liked[uri][0].title, liked[uri][0].artists, "The same song is in there already.")
            seen.add(here[uri])
        elif uri in liked:
            release, song = liked[uri]
            if song.best.genre:
                reason = song.why if song.genre is None else f"It goes to {names.genres.get(song.genre, song.genre)}."
                yield SongRef(uri, release.title, release.artists, reason)
        else:
            title, artists = names.songs.get(uri, ("", ()))
            yield SongRef(uri, title, artists, "You do not like it any more.")


def _added(song: _Song) -> SongRef:
    return SongRef(song.best.uri, song.best.title, song.best.artists, song.why)


def _songs(count: int) -> str:
    return "1 song" if count == 1 else f"{count:,} songs"


def _left_out(count: int) -> str:
    return f" {_songs(count)} liked longest ago left out: Spotify takes {PLAYLIST_CAPACITY:,}." if count > 0 else ""


def _plan_id(changes: list[PlaylistChange]) -> str:
    rows = [
        (
            change.kind,
            change.genre,
            change.playlist_id,
            change.name,
            change.description,
            change.public,
            [song.uri for song in change.adds],
            [song.uri for song in change.removes],
            change.before,
            sorted(change.ours_before),
        )
        for change in changes
    ]
    return hashlib.blake2b(json.dumps(rows).encode(), digest_size=8).hexdigest()
