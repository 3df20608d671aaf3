"""What a person makes of genres: the API that renames, merges, hides and shows them, and those that have no card."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from cratewise import workflows
from cratewise.app import Application
from cratewise.library.corrections import GenreChange
from cratewise.web.desk import Work
from cratewise.workflows import Outlook

router = APIRouter(prefix="/api")

Slug = Annotated[str, Path(min_length=1, max_length=100)]


class GenreWord(BaseModel):
    """What is made of a genre: what is null stays, empty text takes a name or a merging back."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, max_length=200)
    merged_into: str | None = Field(default=None, max_length=100)
    hidden: StrictBool | None = None


class GenreMade(BaseModel):
    """What was made of a genre; `name` and `merged_into` are empty for its own name and for no merging."""

    name: str
    merged_into: str
    hidden: bool


class GenreKept(BaseModel):
    """What is made of a genre now and what was before, and the revision of the library."""

    now: GenreMade
    before: GenreMade
    revision: str


@dataclass(frozen=True, slots=True)
class GoneGenre:
    """A genre without a card.

    Attributes:
        slug: Its slug.
        name: What it is called.
        where: What became of its songs.
        is_merged: Whether it is a part of another genre; else it is hidden.
    """

    slug: str
    name: str
    where: str
    is_merged: bool


@router.put("/genres/{genre}")
def change_genre(workspace: Work, genre: Slug, word: GenreWord) -> GenreKept:
    """Renames, merges, hides or shows a family or style; nothing is written to the account.

    What was before is what takes it back.
    """
    app = workspace.app
    slug = app.taxonomy.genre(genre).slug
    before = _made(app, slug)
    workflows.change_genre(app, slug, name=word.name, merged_into=word.merged_into, hidden=word.hidden)
    workspace.library_changed()
    return GenreKept(now=_made(app, slug), before=before, revision=workspace.library.revision)


def gone_genres(changes: Iterable[GenreChange], names: Mapping[str, str], outlook: Outlook) -> list[GoneGenre]:
    """The genres that a person hid or merged, by name, and where their songs are."""
    gone = []
    for one in changes:
        if one.counts_as:
            where = f"its songs count as {names[one.counts_as]}"
        elif one.is_hidden:
            liked = outlook.genres[one.genre].liked if one.genre in outlook.genres else 0
            where = f"{liked:,} {'song' if liked == 1 else 'songs'}"
        else:
            continue
        gone.append(GoneGenre(one.genre, names[one.genre], where, bool(one.merged_into)))
    return sorted(gone, key=lambda one: one.name.casefold())


def names_of_playlists(app: Application) -> Mapping[str, Sequence[str]]:
    """What the playlists of each genre are called: its own and, of a family, those of its styles."""
    names: dict[str, list[str]] = defaultdict(list)
    for playlist in workflows.left_playlists(app, ()):
        for genre in dict.fromkeys((app.taxonomy.family_of(playlist.genre).slug, playlist.genre)):
            names[genre].append(playlist.name)
    return names


def _made(app: Application, slug: str) -> GenreMade:
    changes = {one.genre: one for one in workflows.genre_changes(app)}
    one = changes.get(slug, GenreChange(slug))
    return GenreMade(name=one.name, merged_into=one.merged_into, hidden=one.is_hidden)
