"""`cratewise classify`: the genres of the songs in a file."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cratewise.classification import LEAST_CONFIDENCE

if TYPE_CHECKING:
    from cratewise.classification import Classification
    from cratewise.genres.taxonomy import Taxonomy

BAR_WIDTH = 20


class Level(StrEnum):
    """Whose probabilities are written out."""

    FAMILY = "family"
    GENRE = "genre"
    LABEL = "label"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(classify)


def classify(
    file: Annotated[Path, typer.Argument(help="CSV as Exportify writes it, or with the public dataset's columns.")],
    out: Annotated[
        Path | None, typer.Option(help="Write one row a track here: .csv, .parquet or .json.", show_default=False)
    ] = None,
    probabilities: Annotated[
        Level | None,
        typer.Option(help="Write columns p:<name>, too: families, genres (families and styles) or dataset labels."),
    ] = None,
    places: Annotated[
        bool,
        typer.Option("--places", help="Write columns x and y, too: places on a map, like songs near each other."),
    ] = False,
    least_confidence: Annotated[
        float, typer.Option(min=0, max=1, help="Under this probability a song is unsure.")
    ] = LEAST_CONFIDENCE,
    model: Annotated[Path | None, typer.Option(help="Folder of another model than the shipped one.")] = None,
) -> None:
    """Work out the genre of every song in a file."""
    from cratewise.model.results import check_destination, columns_of, write_results
    from cratewise.sources.trackfile import read_tracks

    if out is not None:
        check_destination(out, file)
    elif probabilities is not None or places:
        option = "--places" if places else "--probabilities"
        raise typer.BadParameter("it needs --out, the file that the columns go into", param_hint=option)
    read = read_tracks(file)
    from cratewise.model.classifier import Classifier

    classifier = Classifier.load(model)
    found = classifier.answers(read.tracks, labels=probabilities is Level.LABEL, likeness=places)
    verdicts = classifier.verdicts(read.tracks, found.probabilities, least_confidence)
    if out is not None:
        level = probabilities.value if probabilities else None
        write_results(columns_of(read.tracks, verdicts, classifier, found, level), out)
    _summary(verdicts, classifier.taxonomy, f"{file.name}, {read.kind}", read.notes)
    if out is not None:
        typer.echo(f"Written to {out}.")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _summary(verdicts: "Sequence[Classification]", taxonomy: "Taxonomy", title: str, notes: Sequence[str]) -> None:
    """Genres with counts, families first, each with its most frequent styles."""
    from collections import Counter

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    sure = [verdict for verdict in verdicts if not verdict.is_unsure]
    families = Counter(verdict.family for verdict in sure)
    styles = Counter((verdict.family, verdict.genre) for verdict in sure if verdict.genre != verdict.family)
    table = Table(
        title=Text(f"{_count(len(verdicts), 'song')} from {title}"),
        title_justify="left",
        box=None,
        pad_edge=False,
        expand=True,
    )
    table.add_column("Genre", no_wrap=True)
    table.add_column("Songs", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("Mostly", overflow="ellipsis", no_wrap=True, style="dim", ratio=1)
    most = max(families.values(), default=1)
    for slug, count in families.most_common():
        family = taxonomy.family_of(slug)
        bar = Text("█" * max(1, round(BAR_WIDTH * count / most)), style=family.colour)
        named = [taxonomy.genre(style).name for (of, style), _ in styles.most_common() if of == slug][:3]
        table.add_row(family.name, f"{count:,}", bar, ", ".join(named))
    console = Console(highlight=False)
    console.print(table)
    n_unknown = sum(1 for verdict in verdicts if verdict.is_unknown)
    n_unsure = len(verdicts) - len(sure) - n_unknown
    console.print(
        f"{_count(len(sure), 'song')} in {_count(len(families), 'genre')}; {n_unsure:,} uncertain (only a best guess); "
        f"{n_unknown:,} unknown (hardly a guess)."
    )
    for note in notes:
        console.print(f"Note: {note}", markup=False)
