"""Which playlist each song belongs in, by the rules alone."""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from cratewise.playlists.plan import LeftOut, LikedSong, ManagedPlaylist
from cratewise.playlists.rules import Rules

Releases = tuple[LikedSong, ...]


@dataclass(frozen=True, slots=True)
class KnownNames:
    """Names for what is shown.

    Attributes:
        genres: Display names of genres by slug.
        songs: Title and artists by URI, of songs that are no longer liked.
        playlists: Names of the account's playlists that this program did not make.
    """

    genres: Mapping[str, str]
    songs: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    playlists: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PlacedSong:
    """One song with all its releases, and where it belongs.

    Attributes:
        releases: Its releases, newest liked first.
        genre: The genre whose playlist it belongs in, `None` for nowhere.
        why: One sentence on that.
        left_out: Why it belongs nowhere, `None` when it belongs somewhere.
        is_pinned: Whether it belongs there by the person's word, also when it was taken out of there before.
    """

    releases: Releases
    genre: str | None
    why: str
    left_out: LeftOut | None = None
    is_pinned: bool = False

    @property
    def best(self) -> LikedSong:
        """The release that stands for the song: the newest liked one that Spotify plays."""
        return _best(self.releases)


def place_songs(
    songs: Sequence[Releases], rules: Rules, small: Mapping[str, int], names: KnownNames
) -> list[PlacedSong]:
    """Finds the playlist of each song.

    Args:
        songs: The releases of each song.
        rules: What the person wants.
        small: The chosen styles that get no playlist (`small_styles`).
        names: Display names of genres.
    """
    return [_place(releases, rules, small, names) for releases in songs]


def small_styles(songs: Sequence[Releases], rules: Rules, managed: Mapping[str, ManagedPlaylist]) -> dict[str, int]:
    """The chosen styles with too few songs for a playlist and none yet, with how many they have."""
    best = [song for song in map(_best, songs) if song.genre]
    sizes = Counter(song.genre for song in best if song.is_available and not _is_unsure(song, rules))
    families = {song.family for song in best}
    return {
        genre: sizes[genre]
        for genre in rules.genres
        if genre not in families and genre not in managed and sizes[genre] < rules.least_songs
    }


def is_in(song: PlacedSong, uris: Set[str | None]) -> bool:
    """Whether a release of the song is among these."""
    return any(release.uri in uris for release in song.releases)


def _best(releases: Releases) -> LikedSong:
    return next((release for release in releases if release.is_available), releases[0])


def _is_unsure(song: LikedSong, rules: Rules) -> bool:
    return song.confidence < rules.least_confidence


def _place(releases: Releases, rules: Rules, small: Mapping[str, int], names: KnownNames) -> PlacedSong:
    song = _best(releases)
    pinned = {genre for release in releases for genre in release.pinned}
    for genre in rules.genres:
        if genre in pinned and genre not in small:
            return PlacedSong(releases, genre, "You want it in there.", is_pinned=True)
    if not song.genre:
        return PlacedSong(releases, None, "It is not classified yet.", "unclassified")
    called = names.genres.get(song.genre, song.genre)
    sureness = f"{song.confidence:.0%} sure"
    if _is_unsure(song, rules):
        return PlacedSong(releases, None, f"Perhaps {called}, but only {sureness}.", "unsure")
    kept_out = {genre for release in releases for genre in release.kept_out}
    chosen = [genre for genre in (song.genre, song.family) if genre in rules.genres and genre not in small]
    for genre in chosen:
        if genre not in kept_out:
            return PlacedSong(releases, genre, f"{called}, {sureness}. {song.why}".rstrip())
    if chosen:
        return PlacedSong(releases, None, f"It is {called}, and you keep it out of there.", "kept out")
    reason: LeftOut = "too few" if song.genre in small else "unchosen"
    return PlacedSong(releases, None, f"It is {called} ({sureness}), which has no playlist.", reason)
