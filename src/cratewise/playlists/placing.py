"""Which playlist each song belongs in, by the rules alone."""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date

from cratewise.classification import percent_of
from cratewise.playlists.conditions import parse
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
        families: Display names of the families of genres, by the genre's slug.
        colours: The colours of genres ("#rrggbb") by slug; a playlist of one that has none gets no cover.
        today: The day that `{date}` stands for, `None` where nothing is written.
    """

    genres: Mapping[str, str]
    songs: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    playlists: Sequence[str] = ()
    families: Mapping[str, str] = field(default_factory=dict)
    colours: Mapping[str, str] = field(default_factory=dict)
    today: date | None = None


@dataclass(frozen=True, slots=True)
class PlacedSong:
    """One song with all its releases, and where it belongs.

    Attributes:
        releases: Its releases, newest liked first.
        genre: The genre whose playlist it belongs in, `None` for nowhere.
        why: One sentence on that.
        left_out: Why it belongs nowhere, `None` when it belongs somewhere.
        also: The other genres whose playlists it belongs in, each with one sentence on that.
        is_pinned: Whether it belongs there by the person's word, also when it was taken out of there before.
    """

    releases: Releases
    genre: str | None
    why: str
    left_out: LeftOut | None = None
    also: Mapping[str, str] = field(default_factory=dict)
    is_pinned: bool = False

    @property
    def genres(self) -> tuple[str, ...]:
        """Every genre whose playlist it belongs in."""
        return tuple(self.also) if self.genre is None else (self.genre, *self.also)

    def why_in(self, genre: str) -> str | None:
        """One sentence on why it belongs in the playlist of a genre; `None` when it doesn't."""
        return self.why if genre == self.genre else self.also.get(genre)

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
    open_genres = [genre for genre in rules.genres if genre not in small]
    return [_place(releases, rules, open_genres, small, names) for releases in songs]


def small_styles(songs: Sequence[Releases], rules: Rules, managed: Mapping[str, ManagedPlaylist]) -> dict[str, int]:
    """The chosen styles with too few songs for a playlist and none yet, with how many they have."""
    sizes: Counter[str] = Counter()
    families = set()
    for releases in songs:
        song = _best(releases)
        families |= {song.family} - {""}
        if song.is_available:
            sizes.update(_possible_genres(releases, rules))
    return {
        genre: sizes[genre]
        for genre in rules.genres
        if genre not in families and genre not in managed and sizes[genre] < rules.least_songs
    }


def _possible_genres(releases: Releases, rules: Rules) -> set[str]:
    """The genres a song may be put into, as far as the song itself decides."""
    song = _best(releases)
    pinned = {genre for release in releases for genre in release.pinned}
    if pinned or _left_out(song, rules) is not None:
        return pinned
    return {song.genre} | {genre for genre, _ in _others(releases, rules)}


def is_in(song: PlacedSong, uris: Set[str | None]) -> bool:
    """Whether a release of the song is among these."""
    return any(release.uri in uris for release in song.releases)


def _best(releases: Releases) -> LikedSong:
    return next((release for release in releases if release.is_available), releases[0])


def _place(
    releases: Releases, rules: Rules, open_genres: Sequence[str], small: Mapping[str, int], names: KnownNames
) -> PlacedSong:
    song = _best(releases)
    wanted = {genre for release in releases for genre in release.pinned}
    pinned = [genre for genre in open_genres if genre in wanted] if wanted else []
    if pinned:
        why = "You want it in there."
        return PlacedSong(releases, pinned[0], why, also=dict.fromkeys(pinned[1:], why), is_pinned=True)
    called = names.genres.get(song.genre, song.genre)
    if (reason := _left_out(song, rules)) is not None:
        return PlacedSong(releases, None, _why_left_out(song, rules, called, reason), reason)
    kept_out = {genre for release in releases for genre in release.kept_out}
    chosen = [genre for genre in (song.genre, song.family) if genre in open_genres]
    homes = [genre for genre in chosen if genre not in kept_out]
    also = {
        genre: f"Also {names.genres.get(genre, genre)}, {percent_of(chance)}%."
        for genre, chance in _others(releases, rules)
        if genre in open_genres and genre not in kept_out and genre != song.family
    }
    if homes:
        why = f"{called}, {percent_of(song.confidence)}% sure. {song.why}".rstrip()
        return PlacedSong(releases, homes[0], why, also=also)
    if also:
        first, *others = also
        return PlacedSong(releases, first, also[first], also={genre: also[genre] for genre in others})
    if chosen:
        return PlacedSong(releases, None, f"It is {called}, and you keep it out of there.", "kept out")
    missing: LeftOut = "too few" if song.genre in small else "unchosen"
    sure = f"{percent_of(song.confidence)}% sure"
    return PlacedSong(releases, None, f"It is {called} ({sure}), which has no playlist.", missing)


def _left_out(song: LikedSong, rules: Rules) -> LeftOut | None:
    """Why a song belongs in no playlist, whatever genres are chosen."""
    if not song.genre:
        return "unclassified"
    if song.confidence < rules.least_confidence:
        return "unsure"
    return "ruled out" if _ruled_out(song, rules) else None


def _why_left_out(song: LikedSong, rules: Rules, called: str, reason: LeftOut) -> str:
    match reason:
        case "unclassified":
            return "It is not classified yet."
        case "unsure":
            return f"Perhaps {called}, but only {percent_of(song.confidence)}% sure."
    return f"It is {called}, {_ruled_out(song, rules)}."


def _others(releases: Releases, rules: Rules) -> Sequence[tuple[str, float]]:
    """The other families that are likely enough for the song to stand in their playlists, too."""
    said = next((release.others for release in releases if release.others), ())
    return [(genre, chance) for genre, chance in said if rules.several_above and chance >= rules.several_above]


def _ruled_out(song: LikedSong, rules: Rules) -> str:
    """Which of the person's conditions leaves a song out, in the words that follow its genre; empty for none."""
    for condition in map(parse, rules.only):
        if (holds := condition.holds(song)) is not True:
            return f"and your rules ask for {condition}" + (", which is not known of it" if holds is None else "")
    for condition in map(parse, rules.without):
        if condition.holds(song):
            return f"and your rules leave out {condition}"
    return ""
