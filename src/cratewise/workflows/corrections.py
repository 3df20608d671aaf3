"""A person's word on songs, albums and artists, and where songs are wanted or not."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cratewise.errors import LibraryError
from cratewise.library.corrections import Correction, Kind, Pin
from cratewise.library.genres import SortedSong
from cratewise.library.identity import album_key
from cratewise.library.search import SongFilter
from cratewise.tracks import name_key, normalised
from cratewise.workflows.services import Services
from cratewise.workflows.sync import current_account

_SHOWN = 8
_EVERYTHING = 1_000_000


@dataclass(frozen=True, slots=True)
class Target:
    """What a person speaks of.

    Attributes:
        kind: A song, an album, or everything by an artist.
        key: What it is kept under.
        name: What it is called.
        songs: How many liked songs it has.
    """

    kind: Kind
    key: str
    name: str
    songs: int


def find_song(app: Services, text: str) -> Target:
    """The one liked song with that id, address, or words in its title, artists and album.

    Raises:
        LibraryError: None fits, or more than one; the message names them.
    """
    account_id = current_account(app).account_id
    by_id = app.library.search.song(account_id, text.strip().split("?")[0].replace("/", ":").split(":")[-1])
    if by_id is not None:
        return _song(by_id)
    page = app.library.search.page(account_id, SongFilter(words=text), limit=_SHOWN)
    exact = [one for one in page.songs if normalised(one.song.track.title) == normalised(text)]
    if page.total <= _SHOWN and len(exact) == 1:
        return _song(exact[0])
    if page.total > 1:
        shown = "\n".join(f"  {one.song.track.track_id}  {called(one)}" for one in page.songs)
        more = f"\n  and {page.total - _SHOWN:,} more" if page.total > _SHOWN else ""
        raise LibraryError(f"{page.total:,} liked songs fit {text!r}:\n{shown}{more}", hint="Say which by its id.")
    if not page.songs:
        raise LibraryError(f"No liked song fits {text!r}.", hint="Give words of its title and artist, or its id.")
    return _song(page.songs[0])


def find_selection(app: Services, words: str) -> tuple[Target, ...]:
    """Every liked song with these words in its title, artists and album.

    Raises:
        LibraryError: None fits.
    """
    songs = _songs(app, SongFilter(words=words))
    if not songs:
        raise LibraryError(f"No liked song fits {words!r}.", hint="Give words of title, artist or album.")
    return tuple(map(_song, songs))


def find_artist(app: Services, name: str) -> Target:
    """The artist of that name, who is the first on at least one liked song.

    Raises:
        LibraryError: No liked song is by that artist.
    """
    songs = _songs(app, SongFilter(artist=name))
    if not songs:
        raise LibraryError(f"No liked song is by {name!r}.", hint="Spell the artist as the song names its first one.")
    return Target("artist", name_key(name), songs[0].song.track.artists[0], len(songs))


def find_album(app: Services, album: str, artist: str = "") -> Target:
    """The album of that title, by that artist where more than one has an album of that title.

    Raises:
        LibraryError: No liked song is on it, or several artists have one.
    """
    songs = _songs(app, SongFilter(album=album, artist=artist))
    artists = {normalised(one.song.track.artists[0]): one.song.track.artists[0] for one in songs}
    if not songs:
        whose = f" by {artist!r}" if artist else ""
        raise LibraryError(f"No liked song is on an album {album!r}{whose}.", hint="Check the title and the artist.")
    if len(artists) > 1:
        names = ", ".join(sorted(artists.values()))
        raise LibraryError(f"Several artists have an album {album!r}: {names}.", hint="Say whose it is.")
    track = songs[0].song.track
    return Target("album", album_key(track.artists[0], track.album), f"{track.album} by {track.artists[0]}", len(songs))


def targets_of(app: Services, track_ids: Collection[str], about: Kind) -> tuple[Target, ...]:
    """What a person means who points at songs: the songs themselves, their albums, or their first artists.

    Raises:
        LibraryError: One is not liked, or has no album or artist.
    """
    account_id = current_account(app).account_id
    targets: dict[str, Target] = {}
    listed = app.library.search.standing(account_id, track_ids)
    for track_id in track_ids:
        song = listed.get(track_id) or app.library.search.song(account_id, track_id)
        if song is None:
            raise LibraryError(f"There is no liked song {track_id!r}.", hint="Look at the list again: it has changed.")
        track = song.song.track
        artist = track.artists[0] if track.artists else ""
        if about == "album":
            target = find_album(app, track.album, artist)
        else:
            target = find_artist(app, artist) if about == "artist" else _song(song)
        targets[target.key] = target
    return tuple(targets.values())


def correct(app: Services, genre: str, targets: Sequence[Target]) -> tuple[Correction, ...]:
    """Keeps that these songs, albums or artists are of that genre, whatever the network says.

    Raises:
        GenresError: There is no such genre.
        LibraryError: Nothing was synced yet.
    """
    account, at = current_account(app), app.now()
    family = app.taxonomy.family_of(genre).slug
    corrections = [Correction(one.kind, one.key, one.name, genre, family, account.name, at) for one in targets]
    return app.library.corrections.add(account.account_id, corrections)


def corrections(app: Services) -> tuple[Correction, ...]:
    """Everything the person ever said of genres, newest first."""
    account = app.library.accounts.latest()
    return () if account is None else app.library.corrections.all(account.account_id)


def word_on(app: Services, track_id: str) -> Correction | None:
    """What the person said that counts for a song, `None` where the network's word does.

    Raises:
        LibraryError: There is no such liked song.
    """
    account_id = current_account(app).account_id
    song = app.library.search.song(account_id, track_id)
    if song is None:
        raise LibraryError(f"There is no liked song {track_id!r}.", hint="Look at the list again: it has changed.")
    track = song.song.track
    artist = track.artists[0] if track.artists else ""
    keys = {"album": album_key(artist, track.album), "artist": name_key(artist)}
    for one in corrections(app):  # newest first
        if one.taken_back_at is None and one.kind == song.said_by:
            if one.kind != "song":
                is_meant = one.key == keys[one.kind]
            else:
                meant = app.library.search.song(account_id, one.key)
                is_meant = meant is not None and meant.song.track.track_id == track.track_id
            if is_meant:
                return one
    return None


def take_back(app: Services, correction_ids: Sequence[int]) -> tuple[Correction, ...]:
    """Takes back what was said: what was said before on the same counts again, else the network.

    Raises:
        LibraryError: There is no such correction, or it was taken back before; nothing is taken back then.
    """
    account_id = current_account(app).account_id
    holding = {one.correction_id for one in corrections(app) if one.taken_back_at is None}
    if unknown := [number for number in correction_ids if number not in holding]:
        numbers = ", ".join(map(str, unknown))
        hint = "`cratewise corrections` lists them."
        raise LibraryError(f"There is no correction {numbers} to take back.", hint=hint)
    return app.library.corrections.take_back(account_id, correction_ids, app.now())


def take_back_of(app: Services, track_ids: Collection[str]) -> tuple[Correction, ...]:
    """Takes back everything that was said of these songs themselves; what was said of albums and artists stays.

    Raises:
        LibraryError: Nothing was said of any of them.
    """
    account_id = current_account(app).account_id
    with app.library.as_one(writing=True):
        numbers = app.library.corrections.of_songs(account_id, track_ids)
        if not numbers:
            hint = "What you said of an artist or an album is taken back at one of its songs."
            raise LibraryError("Of these songs themselves you have said nothing.", hint=hint)
        return app.library.corrections.take_back(account_id, numbers, app.now())


@dataclass(frozen=True, slots=True)
class PinnedSong:
    """Where a person wants a song, or does not.

    Attributes:
        track_id: A release of the song.
        name: What it is called.
        genre: Slug of the genre whose playlist is meant.
        is_in: Whether it belongs in there; else it never does.
    """

    track_id: str
    name: str
    genre: str
    is_in: bool


def pins(app: Services) -> tuple[PinnedSong, ...]:
    """Where the person wants songs, or does not, newest first."""
    account = app.library.accounts.latest()
    if account is None:
        return ()
    found = []
    for one in app.library.corrections.pins(account.account_id):
        if one.is_in is None:
            continue
        song = app.library.search.song(account.account_id, one.track_id)
        name = called(song) if song else f"{one.track_id} (not liked any more)"
        found.append(PinnedSong(one.track_id, name, one.genre, one.is_in))
    return tuple(found)


def pin(app: Services, target: Target, genre: str, *, is_in: bool | None) -> bool | None:
    """Keeps that a song belongs in the playlist of a genre, or never does; `None` forgets either.

    Returns:
        What was kept before.

    Raises:
        GenresError: There is no such genre.
    """
    account_id = current_account(app).account_id
    app.taxonomy.genre(genre)
    known = app.library.corrections.pins(account_id)
    before = next((one.is_in for one in known if (one.track_id, one.genre) == (target.key, genre)), None)
    if is_in is not None or before is not None:
        app.library.corrections.pin(account_id, [Pin(target.key, genre, is_in, app.now())])
    return before


def called(song: SortedSong) -> str:
    """A song in words."""
    track = song.song.track
    return f"{', '.join(track.artists)}: {track.title}" if track.artists else track.title or track.track_id


def _song(song: SortedSong) -> Target:
    return Target("song", song.song.track.track_id, called(song), 1)


def _songs(app: Services, wanted: SongFilter) -> tuple[SortedSong, ...]:
    return app.library.search.page(current_account(app).account_id, wanted, limit=_EVERYTHING).songs
