"""A playlist of songs that a person chose one by one: made once and never changed by the rules. Pure."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from cratewise.errors import PlaylistsError
from cratewise.playlists.cover import CoverDesign
from cratewise.playlists.duplicates import same_songs
from cratewise.playlists.plan import LikedSong, Plan, PlaylistChange, SongRef
from cratewise.playlists.planning import PLAYLIST_CAPACITY, plan_id
from cratewise.playlists.rules import LONGEST_NAME, Rules

_PREFIX = "chosen"
_DESCRIPTION = "Songs among my likes, chosen in cratewise."
_REASON = "You chose it."


def is_chosen(genre: str) -> bool:
    """Whether what stands in a playlist's genre is the mark of one that a person chose the songs of."""
    return genre.startswith(f"{_PREFIX}:")


def genre_of(mark: str) -> str:
    """The genre whose colours a playlist has: its own, or that of most of the chosen songs."""
    return mark.split(":")[1] if is_chosen(mark) else mark


def plan_chosen(
    songs: Iterable[LikedSong], chosen: Collection[str], name: str, rules: Rules, colours: Mapping[str, str]
) -> Plan:
    """Returns the plan that makes one playlist of these songs, newest liked first, each song once.

    Choosing the same songs under the same name again gives the same mark, so that nothing is made twice.

    Args:
        songs: The liked songs.
        chosen: Ids of those that are wanted.
        name: What the playlist is called.
        rules: Whether it gets a cover, and whether the profile shows it.
        colours: The colours of genres ("#rrggbb") by slug.

    Raises:
        PlaylistsError: Spotify plays none of them any more or takes no playlist of so many, or the name is no line of
            text.
    """
    called = name.strip()
    if not called or not called.isprintable() or len(called) > LONGEST_NAME:
        hint = f"Give it one line of at most {LONGEST_NAME} characters."
        problem = f"{called[:LONGEST_NAME]!r} cannot be a playlist's name." if called else "The playlist needs a name."
        raise PlaylistsError(problem, hint=hint)
    wanted = [song for song in songs if song.track_id in chosen and song.is_available]
    taken = [releases[0] for releases in same_songs(wanted)]
    if not taken:
        raise PlaylistsError("Spotify plays none of these songs any more.", hint="Choose others.")
    if len(taken) > PLAYLIST_CAPACITY:
        raise PlaylistsError(f"Spotify takes {PLAYLIST_CAPACITY:,} songs in a playlist.", hint="Choose fewer.")
    families = Counter(song.family for song in taken if song.family)
    family = families.most_common(1)[0][0] if families else next(iter(colours))
    adds = tuple(SongRef(song.uri, song.title, song.artists, _REASON) for song in taken)
    change = PlaylistChange(
        kind="create",
        genre=f"{_PREFIX}:{family}:{_digest(called, *(song.uri for song in adds))}",
        playlist_id=None,
        name=called,
        description=_DESCRIPTION,
        public=rules.public,
        adds=adds,
        removes=(),
        kept=0,
        reason="You chose its songs.",
        cover=CoverDesign(called, colours[family]) if rules.covers else None,
    )
    return Plan(plan_id((change,)), rules, (change,))


def _digest(*texts: str) -> str:
    return hashlib.blake2b("\n".join(texts).encode(), digest_size=8).hexdigest()
