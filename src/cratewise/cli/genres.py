"""`cratewise genres`: the genres that songs are sorted into."""

import typer


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(genres)


def genres() -> None:
    """List all families and their styles."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from cratewise.genres.taxonomy import load_taxonomy

    taxonomy = load_taxonomy()
    table = Table("Family", "Styles", box=None, pad_edge=False)
    for family in taxonomy.families:
        name = Text.assemble(("● ", family.colour), family.name)
        table.add_row(name, Text(", ".join(style.name for style in family.styles), style="dim"))
    console = Console(highlight=False)
    console.print(table)
    console.print(f"{len(taxonomy.families)} families, {len(taxonomy.styles)} styles.")
