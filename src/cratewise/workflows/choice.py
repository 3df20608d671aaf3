"""What a choice of genres comes to, genre by genre: counted from the very plan that would be applied."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from cratewise.playlists.plan import LeftOut, Placement, Plan


@dataclass(frozen=True, slots=True)
class GenreOutlook:
    """What the choice means for one family or style.

    Attributes:
        liked: Liked songs of the genre, without the unsure ones; of a family it includes the songs of its styles.
        can_have_playlist: Whether it has a playlist, or enough songs for one if it is chosen alone.
        has_playlist: Whether it is chosen and has a playlist once the plan is applied.
        held: Liked songs that its playlist holds, also one that is left from another choice.
        elsewhere: Its songs that another playlist holds, such as that of a finer genre.
        left_out: Its songs that no playlist holds, by reason.
    """

    liked: int
    can_have_playlist: bool
    has_playlist: bool
    held: int
    elsewhere: int
    left_out: Mapping[LeftOut, int]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a choice comes to.

    Attributes:
        playlists: Playlists of chosen genres.
        songs: Liked songs they hold.
        genres: Every family and style that has a liked song or was chosen, by slug.
    """

    playlists: int
    songs: int
    genres: Mapping[str, GenreOutlook]


def count_outlook(plan: Plan) -> Outlook:
    """What the playlists of a plan's rules hold once they are applied, genre by genre."""
    has_playlist = {change.genre for change in plan.changes}
    has_playlist |= {one.genre for one in plan.untouched if one.playlist_id is not None}
    held = Counter(one.playlist for one in plan.placements if one.left_out is None)
    songs: dict[str, list[Placement]] = defaultdict(list)
    for placement in plan.placements:
        for genre in {placement.genre, placement.family} - {""}:
            songs[genre].append(placement)
    chosen = set(plan.rules.genres)
    genres = {}
    for genre in songs.keys() | chosen:
        of_genre = songs[genre]
        wanted = sum(1 for one in of_genre if one.is_wanted)
        genres[genre] = GenreOutlook(
            liked=len(of_genre),
            can_have_playlist=genre in has_playlist or wanted >= plan.rules.least_songs,
            has_playlist=genre in has_playlist & chosen,
            held=held[genre],
            elsewhere=sum(1 for one in of_genre if one.left_out is None and one.playlist != genre),
            left_out=Counter(one.left_out for one in of_genre if one.left_out is not None),
        )
    return Outlook(len(has_playlist & chosen), sum(held[genre] for genre in chosen), genres)
