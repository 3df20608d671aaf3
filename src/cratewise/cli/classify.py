"""`cratewise classify`: the genres of the songs in a file, or of a catalogue of any size."""

import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cratewise.classification import LEAST_CONFIDENCE
from cratewise.cli.optionalvalue import OptionalValueCommand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cratewise.bulk.inputs import InputFile
    from cratewise.bulk.running import Report
    from cratewise.genres.taxonomy import Taxonomy
    from cratewise.model.tally import Tally

BAR_WIDTH = 20


class Level(StrEnum):
    """Whose probabilities are written out."""

    FAMILY = "family"
    GENRE = "genre"
    LABEL = "label"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(cls=OptionalValueCommand)(classify)


def classify(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV as Exportify writes it, or with the public dataset's columns; or Parquet, or a folder of it, "
            "of any size."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write one row a track here: .csv, .parquet or .json; of Parquet, a folder of partitions.",
            show_default=False,
        ),
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
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="[ADDRESS]",
            help="Parquet on all cores of this machine, or on the Ray cluster at HOST:PORT (extra 'ray').",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Work out the genre of every song in a file, or of a catalogue that is larger than memory."""
    level = probabilities.value if probabilities else None
    if _is_catalogue(file):
        _classify_catalogue(file, out, level, places, least_confidence, model, ray)
        return
    if ray is not None:
        raise typer.BadParameter(f"it works on Parquet, which {file.name} is not", param_hint="--ray")
    _classify_file(file, out, level, places, least_confidence, model)


def _classify_file(
    file: Path, out: Path | None, level: str | None, places: bool, least_confidence: float, model: Path | None
) -> None:
    from cratewise.model.results import check_destination, columns_of, write_results
    from cratewise.model.tally import Tally
    from cratewise.sources.trackfile import read_tracks

    if out is not None:
        check_destination(out, file)
    elif level is not None or places:
        option = "--places" if places else "--probabilities"
        raise typer.BadParameter("it needs --out, the file that the columns go into", param_hint=option)
    read = read_tracks(file)
    from cratewise.model.classifier import Classifier

    classifier = Classifier.load(model)
    found = classifier.answers(read.tracks, labels=level == Level.LABEL, likeness=places)
    verdicts = classifier.verdicts(read.tracks, found.probabilities, least_confidence)
    if out is not None:
        write_results(columns_of(read.tracks, verdicts, classifier, found, level), out)
    _summary(Tally.of(verdicts), classifier.taxonomy, f"{file.name}, {read.kind}", read.notes)
    if out is not None:
        typer.echo(f"Written to {out}.")


def _classify_catalogue(
    source: Path,
    out: Path | None,
    level: str | None,
    places: bool,
    least_confidence: float,
    model: Path | None,
    ray: str | None,
) -> None:
    if out is None:
        raise typer.BadParameter("Parquet needs it: the folder that the partitions go into", param_hint="--out")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # more, on matrices this small, take twice the processor's time
    from cratewise.bulk.inputs import find_inputs
    from cratewise.bulk.job import Job, Options, check_folder
    from cratewise.bulk.running import in_this_process, run
    from cratewise.cli.progress import progress_bar

    out, model = out.absolute(), model.absolute() if model else None
    check_folder(out, source)
    if ray is None:
        engine = None
    else:
        from cratewise.bulk.cluster import on_ray

        engine = on_ray(ray)
    with progress_bar(unit="tracks") as tell:
        files = find_inputs(source, tell)
        from cratewise.model.classifier import Classifier

        classifier = Classifier.load(model)
        job = Job(files, out, Options(level, places, least_confidence), model, classifier.version)
        report = run(job, engine or in_this_process(classifier), tell)
    title = f"{source.name}, {_count(len(files), 'Parquet file')}"
    notes = [*_notes_of(files), *report.counts.gaps.notes()]
    _summary(report.counts.tally, classifier.taxonomy, title, notes)
    _say_where(report, out)


def _is_catalogue(path: Path) -> bool:
    """Whether it is a folder or Parquet, by its name or by how it begins."""
    if path.is_dir() or path.suffix.casefold() == ".parquet":
        return True
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PAR1"
    except OSError:
        return False


def _notes_of(files: "Sequence[InputFile]") -> "Iterator[str]":
    """What is missing in the files, each note once."""
    names: dict[str, list[str]] = {}
    for file in files:
        for note in file.layout.notes:
            names.setdefault(note, []).append(file.name)
    for note, (first, *others) in names.items():
        yield f"{first}{f' and {len(others):,} more' if others else ''}: {note}"


def _say_where(report: "Report", out: Path) -> None:
    """Where the partitions are; what could not be read is an error, though all else is done."""
    from cratewise.bulk.job import PARTITIONS
    from cratewise.errors import DataFileError

    before = f", {report.n_before:,} of them by an earlier run" if report.n_before else ""
    typer.echo(f"Written to {out / PARTITIONS}: {_count(report.n_partitions, 'partition')}{before}.")
    if report.damages:
        first, *others = report.damages
        more = f"; and {_count(len(others), 'more slice')}" if others else ""
        raise DataFileError(
            f"{first}{more}. All else is done.",
            hint="The same command tries these again; to mend the file, write it again and name another --out.",
        )


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _summary(tally: "Tally", taxonomy: "Taxonomy", title: str, notes: Sequence[str]) -> None:
    """Genres with counts, families first, each with its most frequent styles."""
    from collections import Counter

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    families: Counter[str] = Counter()
    for slug, count in tally.genres.items():
        families[taxonomy.family_of(slug).slug] += count
    table = Table(
        title=Text(f"{_count(tally.n_tracks, 'song')} from {title}"),
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
        genres = (genre for genre, _ in tally.genres.most_common() if genre != slug)
        styles = [taxonomy.genre(genre).name for genre in genres if taxonomy.family_of(genre).slug == slug]
        table.add_row(family.name, f"{count:,}", bar, ", ".join(styles[:3]))
    console = Console(highlight=False)
    console.print(table)
    console.print(
        f"{_count(tally.n_sure, 'song')} in {_count(len(families), 'genre')}; "
        f"{tally.n_unsure:,} uncertain (only a best guess); {tally.n_unknown:,} unknown (hardly a guess)."
    )
    for note in notes:
        console.print(f"Note: {note}", markup=False)
