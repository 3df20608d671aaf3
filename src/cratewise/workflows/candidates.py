"""The songs that plans are made from: the liked ones, and those of the playlists that the person names as sources."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from cratewise.classification import Classification
from cratewise.errors import PlaylistsError
from cratewise.genres.language import languages_of
from cratewise.library.corrections import Correction
from cratewise.library.genres import SortedSong
from cratewise.library.identity import album_key
from cratewise.library.listing import MODEL
from cratewise.playlists.plan import LikedSong
from cratewise.playlists.rules import Rules
from cratewise.tracks import Track, name_key
from cratewise.workflows.services import Services

_SURE = 1.0
SAID_SO = "You said so."


def candidates(app: Services, account_id: str, rules: Rules) -> list[LikedSong]:
    """The liked releases, and those that stand in the playlists which the rules name as sources.

    Raises:
        GenresError: A chosen genre does not exist.
        PlaylistsError: A source was read only in part.
    """
    liked = liked_songs(app, account_id, rules)
    known = {song.uri for song in liked}
    return liked + [song for song in _of_playlists(app, account_id, rules) if song.uri not in known]


def liked_songs(app: Services, account_id: str, rules: Rules | None = None) -> list[LikedSong]:
    """Every liked release, with its genre and where the person wants it.

    Args:
        app: What to work with.
        account_id: Whose songs.
        rules: What they are planned with; without them every genre counts as sure.

    Raises:
        GenresError: A chosen genre does not exist.
    """
    for genre in rules.genres if rules else ():
        app.taxonomy.genre(genre)
    pins = _pins(app, account_id)
    least_confidence = rules.least_confidence if rules else 0.0
    others = app.library.genres.others(account_id) if rules and rules.several_above else {}
    return [_liked(song, pins, others) for song in app.library.genres.releases(account_id, least_confidence)]


def _of_playlists(app: Services, account_id: str, rules: Rules) -> Iterator[LikedSong]:
    """The songs of the source playlists as far as they were read, their genres asked for now: nothing of it is kept."""
    if not rules.sources:
        return
    read = app.library.playlists.songs(account_id)
    for source in rules.sources:
        if source in read and not read[source].is_whole:
            name = {head.playlist_id: head.name for head in app.library.playlists.own(account_id)}.get(source, source)
            raise PlaylistsError(
                f"Your playlist {name!r} was read only in part, and its songs count: nothing can be planned.",
                hint="Read it to its end with a sync.",
            )
    uris = {uri for source in rules.sources if source in read for uri in read[source].uris if uri is not None}
    songs = app.library.songs.known(account_id, uris)
    said = app.classifier.classify([song.track for song in songs], least_confidence=rules.least_confidence)
    words = _Words(app, account_id)
    pins = _pins(app, account_id)
    for song, classification in zip(songs, said, strict=True):
        counted, is_models = words.counted(classification, song.track)
        others = {song.track.track_id: classification.others} if rules.several_above else {}
        sorted_song = SortedSong(song, counted, said_by=MODEL if is_models else "song")
        yield replace(_liked(sorted_song, pins, others), is_liked=False)


class _Words:
    """What the person said of songs, artists, albums and genres."""

    def __init__(self, app: Services, account_id: str) -> None:
        self._said: dict[tuple[str, str], Correction] = {}
        for one in app.library.corrections.all(account_id):  # newest first
            if one.taken_back_at is None:
                self._said.setdefault((one.kind, one.key), one)
        self._changes = app.library.corrections.genre_changes(account_id)

    def counted(self, said: Classification, track: Track) -> tuple[Classification, bool]:
        """The classification that counts, and whether it is the model's."""
        first = track.artists[0] if track.artists else ""
        keys = (("song", track.track_id), ("album", album_key(first, track.album)), ("artist", name_key(first)))
        word = next((self._said[key] for key in keys if key in self._said), None)
        if word is not None:
            said = replace(said, genre=word.genre, family=word.family, confidence=_SURE, reason=SAID_SO)
        changes = (self._changes.get(slug) for slug in (said.genre, said.family))  # a style's own counts first
        change = next((one for one in changes if one is not None and one.counts_as), None)
        if change is not None:
            said = replace(said, genre=change.counts_as, family=change.counts_as_family)
        return said, word is None


def _pins(app: Services, account_id: str) -> Mapping[str, Mapping[bool, frozenset[str]]]:
    """Where songs are wanted (`True`) and not (`False`), by the track that stands for each."""
    found: dict[str, dict[bool, frozenset[str]]] = defaultdict(lambda: {True: frozenset(), False: frozenset()})
    for pin in app.library.corrections.pins(account_id):
        song = app.library.search.song(account_id, pin.track_id)
        if song is not None and pin.is_in is not None:
            found[song.song.track.track_id][pin.is_in] |= {pin.genre}
    return found


def _liked(
    sorted_song: SortedSong,
    pins: Mapping[str, Mapping[bool, frozenset[str]]],
    others: Mapping[str, tuple[tuple[str, float], ...]],
) -> LikedSong:
    song, said = sorted_song.song, sorted_song.classification
    pinned = pins.get(song.track.track_id, {})
    return LikedSong(
        uri=song.uri,
        track_id=song.track.track_id,
        title=song.track.title,
        artists=song.track.artists,
        added_at=song.added_at,
        isrc=song.track.isrc,
        duration_ms=song.track.duration_ms,
        is_available=song.is_available,
        genre=said.genre if said else "",
        family=said.family if said else "",
        confidence=said.confidence if said else 0.0,
        why=said.reason if said else "",
        others=others.get(song.track.track_id, ()) if sorted_song.said_by == MODEL else (),
        release_year=song.track.release_year,
        explicit=song.track.explicit,
        statistics=song.track.statistics,
        languages=languages_of(song.track),
        pinned=pinned.get(True, frozenset()),
        kept_out=pinned.get(False, frozenset()),
    )
