"""What a person makes of genres: other names, parts of others, or hidden."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cratewise.errors import GenresError, LibraryError
from cratewise.genres.taxonomy import Family
from cratewise.library.corrections import GenreChange
from cratewise.workflows.names import genre_names, taxonomy_names
from cratewise.workflows.services import Services
from cratewise.workflows.sync import current_account

LONGEST_GENRE_NAME = 60
"""Characters of the name that a person gives a genre."""


def genre_called(app: Services, text: str) -> str:
    """The slug of a genre, by its slug, its own name, or the name the person gave it.

    Raises:
        GenresError: There is none.
    """
    names = {name.casefold(): slug for slug, name in genre_names(app).items()}
    if slug := names.get(text.strip().casefold()):
        return slug
    try:
        return app.taxonomy.genre(text.strip()).slug
    except GenresError:
        return app.taxonomy.named(text).slug


def genre_changes(app: Services) -> tuple[GenreChange, ...]:
    """What the person made of genres."""
    account = app.library.accounts.latest()
    changes = {} if account is None else app.library.corrections.genre_changes(account.account_id)
    return tuple(one for one in changes.values() if one.is_any)


def change_genre(
    app: Services, genre: str, *, name: str | None = None, merged_into: str | None = None, hidden: bool | None = None
) -> None:
    """Renames, merges, hides or shows a genre; empty text takes a name or a merging back.

    Raises:
        GenresError: There is no such genre.
        LibraryError: A genre would become a part of itself, or two would have one name.
    """
    account_id = current_account(app).account_id
    with app.library.as_one(writing=True):
        changes = dict(app.library.corrections.genre_changes(account_id))
        app.taxonomy.genre(genre)
        change = changes.get(genre, GenreChange(genre))
        if name is not None:
            check_name(app, genre, name, changes.values())
            change = replace(change, name=name.strip())
        if merged_into is not None:
            change = replace(change, merged_into=merged_into)
        if hidden is not None:
            change = replace(change, is_hidden=hidden)
        changes[genre] = replace(change, said_at=app.now())
        app.library.corrections.write_genre_changes(account_id, recounted(app, changes.values()))


def recounted(app: Services, changes: Iterable[GenreChange]) -> tuple[GenreChange, ...]:
    """Changes of genres, each with the genre that its songs count as in the end.

    Raises:
        GenresError: There is no such genre.
        LibraryError: A genre would become a part of itself, or has a name that no line of text can hold.
    """
    by_genre = {one.genre: one for one in changes}
    for one in by_genre.values():
        if not one.name.isprintable() or len(one.name) > LONGEST_GENRE_NAME:
            raise LibraryError(
                f"“{_shown(one.name)}” cannot be a genre's name.",
                hint=f"Give one line of text with at most {LONGEST_GENRE_NAME} characters.",
            )
        for genre in filter(None, (one.genre, one.merged_into)):
            app.taxonomy.genre(genre)
    return tuple(_counted(app, one, by_genre) for one in by_genre.values())


def check_name(app: Services, genre: str, name: str, changes: Iterable[GenreChange]) -> None:
    """Makes sure that a genre may be called so.

    Raises:
        LibraryError: It is the name of another genre, or of what a change made of one.
    """
    folded = name.strip().casefold()
    names = {name.casefold(): slug for slug, name in taxonomy_names(app).items()}
    names |= {one.name.casefold(): one.genre for one in changes if one.name}
    if folded and names.get(folded, genre) != genre:
        raise LibraryError(f"“{name.strip()}” is the name of another genre.", hint="Choose another, or merge them.")


def _shown(name: str) -> str:
    """A name as it may stand in a message, whatever is in it."""
    return "".join(one if one.isprintable() else "\ufffd" for one in name[:LONGEST_GENRE_NAME])


def _counted(app: Services, change: GenreChange, changes: Mapping[str, GenreChange]) -> GenreChange:
    """The change with the genre that its songs count as in the end."""
    seen, genre = [change.genre], change.genre
    while (here := changes.get(genre)) is not None:
        into = here.merged_into
        if not into and here.is_hidden and not isinstance(app.taxonomy.genre(genre), Family):
            into = app.taxonomy.family_of(genre).slug
        if not into:
            break
        if into in seen:
            raise LibraryError(
                f"{' into '.join([*seen, into])}: a genre cannot be a part of itself.",
                hint="Take one of these mergings back first.",
            )
        seen.append(into)
        genre = into
    if genre == change.genre:
        return replace(change, counts_as="", counts_as_family="")
    return replace(change, counts_as=genre, counts_as_family=app.taxonomy.family_of(genre).slug)
