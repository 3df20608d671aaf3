"""The API of a person's word on songs: what to look at first, saying a genre, and taking that back."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field, StrictBool, StrictInt

from cratewise import workflows
from cratewise.classification import percent_of
from cratewise.library.corrections import Kind
from cratewise.web.desk import Work
from cratewise.web.workspace import Workspace
from cratewise.workflows import Candidate, ReviewSong

router = APIRouter(prefix="/api")

MOST_SONGS = 20_000
Id = Annotated[str, Field(min_length=1, max_length=200)]
Number = Annotated[StrictInt, Field(ge=1, le=2**53)]


class Word(BaseModel):
    """A genre for songs, for the albums they are on, or for everything by their first artists."""

    songs: list[Id] = Field(min_length=1, max_length=MOST_SONGS)
    genre: str = Field(max_length=100)
    about: Kind = "song"


class TakenBack(BaseModel):
    """Numbers of what was said."""

    corrections: list[Number] = Field(min_length=1, max_length=MOST_SONGS)


class Unsaid(BaseModel):
    """Songs of which everything that was said is taken back."""

    songs: list[Id] = Field(min_length=1, max_length=MOST_SONGS)


class Place(BaseModel):
    """Where a person wants a song: in the playlist of a genre, never in it, or (null) wherever the rules put it."""

    uri: Id
    genre: str = Field(max_length=100)
    is_in: StrictBool | None


class PlaceKept(BaseModel):
    """What was said of that before, and the revision of the library."""

    before: bool | None
    revision: str


class Kept(BaseModel):
    """What was kept or taken back: its numbers, how many liked songs it is about, and the revision of the library."""

    corrections: list[int]
    songs: int
    revision: str


class Said(BaseModel):
    """What a person said that counts for a song."""

    correction: int
    about: Kind
    name: str
    said_by: str
    said_at: datetime


class CandidateWords(BaseModel):
    """A genre that a song may be of; `percent` is null where the network said nothing of it."""

    genre: str
    name: str
    family: str
    percent: int | None


class ReviewWords(BaseModel):
    """A song to look at; `family` is empty where its genre is not even a guess."""

    id: str
    uri: str
    title: str
    artists: list[str]
    album: str
    cover: str
    genre: str
    family: str
    percent: int
    reason: str
    by_artist: int
    candidates: list[CandidateWords]


class Queue(BaseModel):
    """The songs to look at first, and how many are left in all."""

    left: int
    songs: list[ReviewWords]


@router.get("/review")
def read_review(workspace: Work, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> Queue:
    """The songs whose genre is least certain, with what each may be."""
    queue = workflows.review_queue(workspace.app, limit)
    return Queue(left=queue.left, songs=[_words(one) for one in queue.songs])


@router.get("/corrections/{song}")
def read_word(workspace: Work, song: Annotated[str, Path(min_length=1, max_length=200)]) -> Said | None:
    """What a person said that counts for a song; null where the network's word does."""
    one = workflows.word_on(workspace.app, song)
    if one is None:
        return None
    number = one.correction_id or 0
    return Said(correction=number, about=one.kind, name=one.name, said_by=one.said_by, said_at=one.said_at)


@router.post("/corrections")
def say_genre(workspace: Work, word: Word) -> Kept:
    """Keeps what a person says of songs: it counts, whatever the network says, until it is taken back."""
    targets = workflows.targets_of(workspace.app, dict.fromkeys(word.songs), word.about)
    genre = workspace.app.taxonomy.genre(word.genre).slug
    kept = workflows.correct(workspace.app, genre, targets)
    return _kept(workspace, [one.correction_id or 0 for one in kept], sum(one.songs for one in targets))


@router.post("/corrections/take-back")
def take_word_back(workspace: Work, words: TakenBack) -> Kept:
    """Takes back what was said: what was said before on the same counts again, else the network."""
    taken = workflows.take_back(workspace.app, words.corrections)
    return _kept(workspace, [one.correction_id or 0 for one in taken], 0)


@router.post("/corrections/unsay")
def unsay(workspace: Work, unsaid: Unsaid) -> Kept:
    """Takes back all that was said of songs themselves: what was said of artist or album counts, else the network."""
    taken = workflows.take_back_of(workspace.app, unsaid.songs)
    return _kept(workspace, [one.correction_id or 0 for one in taken], len({one.key for one in taken}))


@router.put("/places")
def keep_place(workspace: Work, place: Place) -> PlaceKept:
    """Keeps where a song is wanted: it counts for every plan, whatever the song's genre is."""
    (song,) = workflows.targets_of(workspace.app, [place.uri.split(":")[-1]], "song")
    before = workflows.pin(workspace.app, song, place.genre, is_in=place.is_in)
    workspace.library_changed()
    return PlaceKept(before=before, revision=workspace.library.revision)


def _kept(workspace: Workspace, corrections: list[int], songs: int) -> Kept:
    workspace.library_changed()
    return Kept(corrections=corrections, songs=songs, revision=workspace.library.revision)


def _words(one: ReviewSong) -> ReviewWords:
    song = one.song
    return ReviewWords(
        id=song.track_id,
        uri=song.uri,
        title=song.title,
        artists=list(song.artists),
        album=song.album,
        cover=song.cover_url,
        genre=song.genre,
        family="" if song.is_unknown else song.family,
        percent=percent_of(song.confidence),
        reason=song.reason,
        by_artist=one.by_artist,
        candidates=[_candidate(candidate) for candidate in one.candidates],
    )


def _candidate(one: Candidate) -> CandidateWords:
    percent = None if one.chance is None else percent_of(one.chance)
    return CandidateWords(genre=one.genre, name=one.name, family=one.family, percent=percent)
