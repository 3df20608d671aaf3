"""An import that is stopped on its way."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from cratewise import progress, workflows
from cratewise.app import Application
from cratewise.errors import DataFileError

from .conftest import HEADER, SO_WHAT


class StopError(Exception):
    """What a person's stop is, to an import."""


@pytest.fixture
def in_small_steps(monkeypatch: pytest.MonkeyPatch) -> int:
    """Lets an import tell how far it is every few songs, as it does with large files every few hundred."""
    monkeypatch.setattr(progress, "STEPS", 5)
    return 5


def many(tmp_path: Path, n_songs: int) -> Path:
    """A file of that many songs."""
    file = tmp_path / "many.csv"
    rows = [SO_WHAT.replace("So What", f"Song {number}").replace("4vLY", f"{number:04}") for number in range(n_songs)]
    file.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return file


@pytest.mark.parametrize("form", ["csv", "own csv", "json", "jspf", "parquet"])
def test_an_import_can_be_stopped_anywhere_and_then_has_done_nothing(
    make: Callable[[str], Application], tmp_path: Path, in_small_steps: int, form: str
) -> None:
    """Whatever is gone through tells how far it is every few songs; what is written is written as a whole."""
    file, ending = many(tmp_path, 23), form.removeprefix("own ")
    if form != "csv":
        other = make("other")
        workflows.import_file(other, file)
        file = workflows.export_library(other, tmp_path / f"library.{ending}").path
    seen: list[tuple[str, int]] = []
    workflows.import_file(make("whole"), file, lambda stage, done, _total: seen.append((stage, done)))
    for (stage, before), (next_stage, done) in pairwise(seen):
        assert stage != next_stage or done - before <= in_small_steps
    assert {"Keeping the songs", "Putting together what is known of them", "Listing the songs"} <= {
        one for one, _ in seen
    }
    assert sum(done > 0 for _, done in seen) > 30
    app, left = make("stopped"), 0

    def stopping(_stage: str, _done: int, _total: int | None) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise StopError

    for number in range(len(seen)):
        left = number
        with pytest.raises(StopError):
            workflows.import_file(app, file, stopping)
        assert app.library.accounts.latest() is None
    assert workflows.import_file(app, file).added == 23


def test_a_file_taken_in_again_can_be_stopped_too(full: Application, tmp_path: Path, in_small_steps: int) -> None:
    """What the library holds is read and compared in steps, and stays as it was."""
    file, before = many(tmp_path, 11), workflows.list_songs(full)
    workflows.import_file(full, file)
    stages: list[str] = []

    def stopping(stage: str, _done: int, _total: int | None) -> None:
        stages.append(stage)
        if stage == "Listing the songs":
            raise StopError

    with pytest.raises(StopError):
        workflows.import_file(full, file, stopping, replace_songs=True)
    assert "Reading your library" in stages
    assert "Taking down what is not liked any more" in stages
    assert {one.title for one in before} <= {one.title for one in workflows.list_songs(full)}


def test_a_library_that_cannot_be_noted_as_ones_own_is_not_taken_in(
    make: Callable[[str], Application], exportify: Path
) -> None:
    """The file that says whose library it is comes last; without it, nothing of the songs is kept."""
    app = make("full")
    note = app.settings.data_dir / "account"
    note.mkdir(parents=True)
    with pytest.raises(DataFileError, match="account cannot be written"):
        workflows.import_file(app, exportify)
    assert app.library.accounts.latest() is None
    note.rmdir()
    assert workflows.import_file(app, exportify).added == 3
