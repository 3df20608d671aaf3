"""Putting what a file says of songs together with what an account's library holds. No I/O."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from cratewise.library.contents import Contents, KnownTrack
from cratewise.library.corrections import Correction, GenreChange, Pin
from cratewise.library.knowledge import OF_TRACK
from cratewise.progress import Progress, silent, told
from cratewise.releases import Release, release_name, same_songs

_STAGE = "Comparing with your library"


def merged(own: Contents, given: Contents, progress: Progress = silent, *, takes_songs: bool) -> Contents:
    """What is known once `given` is taken into `own`.

    Nothing of `own` is lost: of two words on the same thing the later one counts, and that of `own` where it is not
    known which one is. Merging the same again changes nothing.

    Args:
        own: What the library holds.
        given: What is to be taken in.
        progress: Is told how far it is.
        takes_songs: Whether songs of `given` become songs of the library; else it only says more of those that are
            there, found by their id or as the same song.
    """
    tracks = {known.song.track.track_id: known for known in own.tracks}
    if takes_songs:
        for known in told(given.tracks, progress, _STAGE, len(given.tracks)):
            before = tracks.get(known.song.track.track_id)
            if known.is_liked or before is None:
                tracks[known.song.track.track_id] = known if before is None else _together(before, known)
    else:
        given = _about(own, given, progress)
    songs = {known.song.track.track_id: known.song_id for known in own.tracks}
    has_newer_rules = given.rules is None or (
        own.rules is not None and not _is_later(given.rules_changed_at, own.rules_changed_at)
    )
    return Contents(
        tracks=tuple(tracks.values()),
        statistics=given.statistics,
        tags=given.tags,
        corrections=_corrections(own.corrections, given.corrections, songs),
        genre_changes=_genre_changes(own.genre_changes, given.genre_changes),
        pins=_pins((*own.pins, *given.pins)),
        rules=own.rules if has_newer_rules else given.rules,
        rules_changed_at=own.rules_changed_at if has_newer_rules else given.rules_changed_at,
    )


def only(contents: Contents, liked: Contents) -> Contents:
    """The contents with those releases alone liked that are liked in `liked`; the others stay known."""
    track_ids = {known.song.track.track_id for known in liked.tracks if known.is_liked}
    tracks = (replace(known, is_liked=known.song.track.track_id in track_ids) for known in contents.tracks)
    return replace(contents, tracks=tuple(tracks))


def _together(own: KnownTrack, given: KnownTrack) -> KnownTrack:
    """A release as the file names it, with what only the library knows of it."""
    song, before = given.song, own.song
    track = replace(
        song.track,
        title=song.track.title or before.track.title,
        artists=song.track.artists or before.track.artists,
        album=song.track.album or before.track.album,
        isrc=song.track.isrc or before.track.isrc,
        duration_ms=song.track.duration_ms or before.track.duration_ms,
        release_year=song.track.release_year or before.track.release_year,
        explicit=before.track.explicit if song.track.explicit is None else song.track.explicit,
    )
    stays = own.is_liked and (before.added_at > song.added_at or not given.is_dated)
    added_at = before.added_at if stays else song.added_at
    return replace(
        given,
        song=replace(
            song,
            track=track,
            added_at=added_at,
            uri=song.uri or before.uri,
            cover_url=song.cover_url or before.cover_url,
            artist_ids=song.artist_ids or before.artist_ids,
        ),
    )


def _about(own: Contents, given: Contents, progress: Progress) -> Contents:
    """What `given` says, said of the releases that `own` has."""
    names = _own_ids(own.tracks, given.tracks, progress)
    own_ids = {known.song.track.track_id for known in own.tracks}

    def meant(track_id: str) -> tuple[str, ...]:
        return (track_id,) if track_id in own_ids else names.get(track_id, ())

    statistics = [replace(said, track_id=one) for said in given.statistics for one in meant(said.track_id)]
    tags = []
    for said in given.tags:
        if said.subject.startswith(OF_TRACK):
            tags += [replace(said, subject=OF_TRACK + one) for one in meant(said.subject.removeprefix(OF_TRACK))]
        else:
            tags.append(said)
    return replace(
        given,
        statistics=tuple(statistics),
        tags=tuple(tags),
        corrections=tuple(
            replace(one, key=(meant(one.key) or (one.key,))[0]) if one.kind == "song" else one
            for one in given.corrections
        ),
        pins=tuple(replace(one, track_id=(meant(one.track_id) or (one.track_id,))[0]) for one in given.pins),
    )


def _own_ids(
    own: Iterable[KnownTrack], given: Iterable[KnownTrack], progress: Progress
) -> Mapping[str, tuple[str, ...]]:
    """For each given release the library's releases of the same song."""
    both = [(known.song.track, True) for known in own] + [(known.song.track, False) for known in given]
    releases = [
        Release(one.isrc, release_name(one.artists, one.title), one.duration_ms)
        for one, _ in told(both, progress, _STAGE, len(both))
    ]
    found: dict[str, tuple[str, ...]] = {}
    for group in same_songs(releases, lambda: progress(_STAGE, len(both), len(both))):
        own_ids = tuple(both[index][0].track_id for index in group if both[index][1])
        found |= {both[index][0].track_id: own_ids for index in group if not both[index][1]}
    return found


def _corrections(
    own: Iterable[Correction], given: Iterable[Correction], songs: Mapping[str, str]
) -> tuple[Correction, ...]:
    """Each word once, taken back where either says so.

    What was said of the same thing at the same time is the same word: a table names it by another release of the song,
    or by the genre that its genre counts as.
    """

    def about(one: Correction) -> tuple[object, ...]:
        return one.kind, (songs.get(one.key) if one.kind == "song" else "") or one.key, one.said_at

    back = {(about(one), one.genre): one.taken_back_at for one in given if one.taken_back_at is not None}
    found = [replace(one, taken_back_at=one.taken_back_at or back.get((about(one), one.genre))) for one in own]
    known = {about(one) for one in own}
    added = {about(one): replace(one, correction_id=None) for one in given if about(one) not in known}
    return (*found, *added.values())


def _genre_changes(own: Iterable[GenreChange], given: Iterable[GenreChange]) -> tuple[GenreChange, ...]:
    """The later word on each genre."""
    found = {one.genre: one for one in own}
    for one in given:
        if one.genre not in found or _is_later(one.said_at, found[one.genre].said_at):
            found[one.genre] = one
    return tuple(found.values())


def _is_later(given: datetime | None, own: datetime | None) -> bool:
    """Whether what was said at `given` is the later word; what has no time was said long ago."""
    return given is not None and (own is None or given > own)


def _pins(pins: Iterable[Pin]) -> tuple[Pin, ...]:
    """The later word on each song and genre."""
    found: dict[tuple[str, str], Pin] = {}
    for pin in pins:
        known = found.setdefault((pin.track_id, pin.genre), pin)
        if pin.said_at > known.said_at:
            found[pin.track_id, pin.genre] = pin
    return tuple(found.values())
