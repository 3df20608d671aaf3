"""The rules that a person's playlists are made by."""

from collections.abc import Callable
from dataclasses import replace

from cratewise.errors import PlaylistsError
from cratewise.playlists.rules import Rules
from cratewise.workflows.names import shown_genres
from cratewise.workflows.services import Services
from cratewise.workflows.sync import current_account


def default_rules(app: Services) -> Rules:
    """A playlist for every family, as one click makes them."""
    shown = shown_genres(app)
    genres = tuple(family.slug for family in app.taxonomy.families if family.slug in shown)
    return Rules(genres, least_confidence=app.settings.least_confidence)


def current_rules(app: Services) -> Rules:
    """The rules the person saved last, without genres that were hidden or merged since; else the default ones."""
    account = app.library.accounts.latest()
    kept = None if account is None else app.library.playlists.rules(account.account_id)
    if kept is None:
        return default_rules(app)
    shown = shown_genres(app)
    return replace(kept, genres=tuple(genre for genre in kept.genres if genre in shown))


def save_rules(app: Services, rules: Rules) -> None:
    """Keeps the rules for the account.

    Raises:
        LibraryError: Nothing was synced yet.
        GenresError: A chosen genre does not exist.
    """
    for genre in rules.genres:
        app.taxonomy.genre(genre)
    app.library.playlists.write_rules(current_account(app).account_id, rules, app.now())


def change_rules(app: Services, change: Callable[[Rules], Rules]) -> Rules:
    """Keeps what `change` makes of the rules; of two that change them at once the second one sees what the first did.

    Returns:
        The rules as they are now.

    Raises:
        LibraryError: Nothing was synced yet.
        GenresError: A chosen genre does not exist.
        PlaylistsError: All playlists would have one name.
    """
    with app.library.as_one(writing=True):
        before = current_rules(app)
        rules = change(before)
        template = rules.name_template
        if template != before.name_template and "{genre}" not in template and "{family}" not in template:
            raise PlaylistsError(
                f"Every playlist would be called {template!r}.", hint="Say {genre} in it, as in '{genre} · liked'."
            )
        save_rules(app, rules)
    return rules
