"""A model folder that is damaged, foreign or put together from two models is one clear error."""

import json
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cratewise.errors import ModelError
from cratewise.model.classifier import Answers, Classifier
from cratewise.model.manifest import FILES, GENRES, KNOWLEDGE, LABELS, LIKENESS, MANIFEST, checksum, fingerprint
from cratewise.tracks import Track

SHIPPED = Path(str(resources.files("cratewise.model") / "weights"))
ALL = (*FILES, MANIFEST)
TABLES = dict(np.load(SHIPPED / KNOWLEDGE))
KEPT = json.loads((SHIPPED / MANIFEST).read_text(encoding="utf-8"))
del KEPT["checksum"]
Damage = Callable[[Path], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped model."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "model"))


def everything(folder: Path) -> Answers:
    """All that a model says of a song."""
    return Classifier.load(folder).answers([Track("a", "Juicy")], labels=True, likeness=True)


def refusal(folder: Path) -> str:
    """What the error says to somebody who asks for everything: one line, which names the folder, and a hint."""
    with pytest.raises(ModelError) as caught:
        everything(folder)
    said = str(caught.value)
    assert str(folder) in said
    assert "\n" not in said
    assert len(said) < len(str(folder)) + 350
    assert "Reinstall cratewise" in caught.value.hint
    return said


def sign(folder: Path) -> None:
    """Makes the manifest's checksums those of the files, as if they had been written so."""
    write_manifest(folder, KEPT | {"files": {name: fingerprint(folder / name) for name in FILES}})


def write_manifest(folder: Path, content: Mapping[str, Any]) -> None:
    """Writes a manifest that says this, with the right checksum."""
    (folder / MANIFEST).write_text(json.dumps({**content, "checksum": checksum(content)}), encoding="utf-8")


def truncated(path: Path) -> None:
    """Cuts a file in half."""
    os.truncate(path, path.stat().st_size // 2)


def flipped(path: Path) -> None:
    """Flips one bit in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def emptied(path: Path) -> None:
    """Leaves nothing in it."""
    path.write_bytes(b"")


def made_a_folder(path: Path) -> None:
    """Puts a folder in its place."""
    path.unlink()
    path.mkdir()


def made_unreadable(path: Path) -> None:
    """Puts a link to itself in its place, which nobody can read, root neither."""
    path.unlink()
    path.symlink_to(path)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("damage", [truncated, flipped, emptied, made_a_folder, made_unreadable, Path.unlink])
def test_a_damaged_file_is_one_clear_error(folder: Path, name: str, damage: Damage) -> None:
    """Whichever file is cut, flipped in one bit, emptied, a folder, unreadable or missing."""
    damage(folder / name)
    refusal(folder)


@pytest.mark.parametrize(("name", "asked"), [(LABELS, "labels"), (LIKENESS, "likeness")])
def test_a_model_that_is_replaced_while_it_is_used_is_one_clear_error(folder: Path, name: str, asked: str) -> None:
    """What is opened late must be of the model that was loaded."""
    classifier = Classifier.load(folder)
    with (folder / name).open("ab") as file:
        file.write(b"another")
    with pytest.raises(ModelError, match="has changed since the model was loaded"):
        classifier.answers([Track("a", "Juicy")], **{asked: True})


def test_a_table_that_is_no_array_is_refused(folder: Path) -> None:
    """A pickle among the tables is neither opened nor the end of the program."""
    with zipfile.ZipFile(folder / KNOWLEDGE) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(folder / KNOWLEDGE, "w") as archive:
        for name, content in (members | {"names.npy": pickle.dumps(folder)}).items():
            archive.writestr(name, content)
    sign(folder)
    assert "names is no array" in refusal(folder)


def test_a_folder_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    """So is a folder without a model in it."""
    assert "there is no model" in refusal(tmp_path / "nowhere")
    assert "there is no model" in refusal(tmp_path)


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_model_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    """Files of two models, each whole, don't make a model."""
    other = Path(shutil.copytree(SHIPPED, tmp_path / "other"))
    with (other / name).open("ab") as file:
        file.write(b"another")
    sign(other)
    shutil.copy(other / name, folder / name)
    assert "belongs to another model" in refusal(folder)


@pytest.mark.parametrize("text", ["", "[]", "null", "7", '"model"', "{}", "{", "[" * 100_000, '{"format": 99}', "\0"])
def test_json_that_is_no_manifest_is_refused(folder: Path, text: str) -> None:
    """Whatever JSON there is, and whatever only begins like it."""
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    refusal(folder)


@pytest.mark.parametrize("key", list(KEPT))
def test_a_manifest_that_lacks_a_key_or_holds_another_type_is_refused(folder: Path, key: str) -> None:
    """Every key is needed, as what it is."""
    for manifest in ({k: v for k, v in KEPT.items() if k != key}, KEPT | {key: 3.5}, KEPT | {key: [["x"]]}):
        write_manifest(folder, manifest)
        refusal(folder)


def test_a_manifest_changed_by_hand_is_refused(folder: Path) -> None:
    """Labels in another order would name the wrong ones, and no other check can see it; one without a sum neither."""
    text = (folder / MANIFEST).read_text(encoding="utf-8")
    (folder / MANIFEST).write_text(text.replace('"acoustic"', '"afrobeat"', 1), encoding="utf-8")
    assert "is damaged, or was changed by hand" in refusal(folder)
    (folder / MANIFEST).write_text(json.dumps(KEPT), encoding="utf-8")
    assert "KeyError: 'checksum'" in refusal(folder)


@pytest.mark.parametrize("key", ["labels", "families", "styles"])
@pytest.mark.parametrize("change", [lambda names: names[:-1], lambda names: [*names, "new"], lambda _: []])
def test_a_list_of_another_length_is_refused(folder: Path, key: str, change: Callable[[list[str]], list[str]]) -> None:
    """Names that are not as many as the outputs would name the wrong ones."""
    write_manifest(folder, KEPT | {key: change(KEPT[key])})
    refusal(folder)


@pytest.mark.parametrize("name", list(TABLES))
@pytest.mark.parametrize(
    "change",
    [
        lambda table: None,
        lambda table: table.astype(np.float64),
        lambda table: table[..., None],
        lambda table: np.append(table, np.array(-1).astype(table.dtype)),
        lambda table: np.array("text"),
        lambda table: np.array([{}, table.dtype], dtype=object),
    ],
    ids=["missing", "another type", "another shape", "longer", "a text", "pickled"],
)
def test_tables_that_are_not_those_of_a_model_are_refused(
    folder: Path, name: str, change: Callable[[np.ndarray[Any, Any]], Any]
) -> None:
    """Checksums that match don't make foreign tables the network's."""
    changed = change(TABLES[name])
    tables = TABLES | {name: changed} if changed is not None else {k: v for k, v in TABLES.items() if k != name}
    np.savez(folder / KNOWLEDGE, **tables)
    sign(folder)
    refusal(folder)


@pytest.mark.parametrize(
    ("name", "table"), [("tag_scale", np.float32("nan")), ("artist_keys", TABLES["artist_keys"][::-1])]
)
def test_tables_that_nothing_can_be_found_in_are_refused(folder: Path, name: str, table: Any) -> None:
    """A step that is no number, and keys that are out of order."""
    np.savez(folder / KNOWLEDGE, **TABLES | {name: table})
    sign(folder)
    assert name in refusal(folder)


def test_tables_that_are_no_archive_are_refused(folder: Path) -> None:
    """Nor is an archive that claims to hold more than fits into memory opened."""
    with (folder / KNOWLEDGE).open("wb") as file:
        np.save(file, TABLES["names"])
    sign(folder)
    refusal(folder)
    with zipfile.ZipFile(folder / KNOWLEDGE, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("names.npy", bytes(210_000_000))
    sign(folder)
    assert "claims to hold" in refusal(folder)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(FILES), place=st.floats(0, 0.999), junk=st.binary(min_size=1, max_size=64))
def test_junk_in_a_signed_file_is_an_error_or_harmless(folder: Path, name: str, place: float, junk: bytes) -> None:
    """With a checksum that matches, what is read is refused or still a model; nothing else is ever raised."""
    data = bytearray((SHIPPED / name).read_bytes())
    start = int(place * len(data))
    data[start : start + len(junk)] = junk
    shutil.copytree(SHIPPED, folder, dirs_exist_ok=True)
    (folder / name).write_bytes(data)
    sign(folder)
    with suppress(ModelError):
        found = everything(folder)
        assert found.labels is not None
        assert found.labels.shape == (1, len(KEPT["labels"]))


@pytest.mark.parametrize("name", [LABELS, LIKENESS])
def test_what_nobody_asks_for_is_not_opened(folder: Path, name: str) -> None:
    """Genres are told without the graphs that rest on them, which are refused when they are first needed."""
    (folder / name).write_bytes((SHIPPED / GENRES).read_bytes())
    sign(folder)
    songs = [Track("a", "Juicy", ("The Notorious B.I.G.",))]
    assert Classifier.load(folder).classify(songs) == Classifier.load().classify(songs)
    assert "cannot be loaded" in refusal(folder)


@pytest.mark.parametrize("name", [GENRES, LABELS])
def test_the_command_says_it_in_a_line(folder: Path, tmp_path: Path, name: str) -> None:
    """No traceback, an exit code of 1, and no file written."""
    songs, out = tmp_path / "songs.csv", tmp_path / "out.csv"
    songs.write_text("track_name,artists\nJuicy,The Notorious B.I.G.\n", encoding="utf-8")
    truncated(folder / name)
    sign(folder)
    options = ["--probabilities", "label", "--out", out, "--model", folder]
    words = [sys.executable, "-m", "cratewise", "classify", songs, *options]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: the model in ")
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 2
    assert not out.exists()
