"""`cratewise genres`: the genres that songs are sorted into, and what a person makes of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cratewise.cli.library import DataDir, opened

if TYPE_CHECKING:
    from cratewise.library.corrections import GenreChange

Genre = Annotated[str, typer.Argument(help="A family or style, by its name or slug.")]
Name = Annotated[str, typer.Argument(help='What you call it; "" gives it its own name back.')]
Into = Annotated[str, typer.Argument(help="The genre its songs count as.")]

topic = typer.Typer(
    invoke_without_command=True, help="List all families and their styles; rename, merge and hide them."
)


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(topic, name="genres")


@topic.callback()
def genres(context: typer.Context, data_dir: DataDir = None) -> None:
    """List all families and their styles; rename, merge and hide them."""
    if context.invoked_subcommand:
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from cratewise import workflows

    with opened(data_dir) as app:
        taxonomy, names = app.taxonomy, workflows.genre_names(app)
        changes = {one.genre: one for one in workflows.genre_changes(app)}
    table = Table("Family", "Styles", box=None, pad_edge=False)
    for family in taxonomy.families:
        name = Text.assemble(("● ", family.colour), _shown(family.slug, names, changes))
        styles = ", ".join(_shown(style.slug, names, changes) for style in family.styles)
        table.add_row(name, Text(styles, style="dim"))
    console = Console(highlight=False)
    console.print(table)
    console.print(f"{len(taxonomy.families)} families, {len(taxonomy.styles)} styles.")


@topic.command()
def rename(genre: Genre, name: Name, data_dir: DataDir = None) -> None:
    """Call a genre by another name."""
    _change(genre, data_dir, name=name)


@topic.command()
def merge(genre: Genre, into: Into, data_dir: DataDir = None) -> None:
    """Count the songs of a genre as of another one."""
    _change(genre, data_dir, merged_into=into)


@topic.command()
def hide(genre: Genre, data_dir: DataDir = None) -> None:
    """Hide a genre: a style's songs count as of its family, a family gets neither card nor playlist."""
    _change(genre, data_dir, hidden=True)


@topic.command()
def restore(genre: Genre, data_dir: DataDir = None) -> None:
    """Take back what you made of a genre: its name, a merging, and that it is hidden."""
    _change(genre, data_dir, name="", merged_into="", hidden=False)


def _change(genre: str, data_dir: Path | None, **change: str | bool | None) -> None:
    from cratewise import workflows
    from cratewise.playlists.plan import STAYS

    with opened(data_dir) as app:
        slug = workflows.genre_called(app, genre)
        if into := change.get("merged_into"):
            change["merged_into"] = workflows.genre_called(app, str(into))
        workflows.change_genre(app, slug, **change)  # type: ignore[arg-type] # named above
        names = workflows.genre_names(app)
        changes = {one.genre: one for one in workflows.genre_changes(app)}
        of_it = {slug, *(style.slug for style in app.taxonomy.styles if style.family == slug)}
        left = [one for one in workflows.left_playlists(app, workflows.shown_genres(app)) if one.genre in of_it]
    typer.echo(_shown(slug, names, changes))
    for playlist in left:
        typer.echo(f"{playlist.name} {STAYS}")


def _shown(slug: str, names: Mapping[str, str], changes: "Mapping[str, GenreChange]") -> str:
    """A genre and what was made of it, in words."""
    change = changes.get(slug)
    if change is None:
        return names[slug]
    merged = f"counts as {names[change.counts_as]}" if change.counts_as else ""
    notes = [note for note in (merged, "hidden" if change.is_hidden else "") if note]
    return f"{names[slug]} ({', '.join(notes)})" if notes else names[slug]
