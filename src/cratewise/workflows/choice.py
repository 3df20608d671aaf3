"""What a choice of genres comes to, genre by genre: counted from the very plan that would be applied."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from cratewise.playlists.plan import LeftOut, Plan


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
    liked, wanted, elsewhere = Counter[str](), Counter[str](), Counter[str]()
    left_out: dict[str, Counter[LeftOut]] = defaultdict(Counter)
    for placement in plan.placements:
        for genre in {placement.genre, placement.family} - {""}:
            liked[genre] += 1
            wanted[genre] += placement.is_wanted
            if placement.left_out is not None:
                left_out[genre][placement.left_out] += 1
            elif placement.playlist != genre:
                elsewhere[genre] += 1
    chosen = set(plan.rules.genres)
    made = has_playlist & chosen
    genres = {
        genre: GenreOutlook(
            liked=liked[genre],
            can_have_playlist=genre in has_playlist or wanted[genre] >= plan.rules.least_songs,
            has_playlist=genre in made,
            held=held[genre],
            elsewhere=elsewhere[genre],
            left_out=left_out[genre],
        )
        for genre in liked.keys() | chosen
    }
    return Outlook(len(made), sum(held[genre] for genre in chosen), genres)
