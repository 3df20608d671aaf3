"""A program that is killed while it writes has lost nothing that it had said was done."""

import sqlite3
from datetime import UTC, datetime, timedelta

from cratewise.classification import Classification
from cratewise.library.accounts import KnownAccount
from cratewise.library.corrections import Correction
from cratewise.library.songs import SavedSong
from cratewise.library.store import Library
from cratewise.playlists.plan import Plan, PlaylistChange
from cratewise.playlists.rules import Rules
from cratewise.tracks import AudioStatistics, Track

from ..killing import killed_again_and_again

AT = datetime(2026, 1, 1, tzinfo=UTC)
PAGE = 50
LOUD = AudioStatistics(energy=0.9)
CHANGE = PlaylistChange("create", "jazz", None, "Jazz", "", False, (), (), 0, "Why.")


def write_on(url: str) -> None:
    """Goes on writing pages of songs, their genres, rules, runs, words and statistics, and says so after each."""
    with Library.open(url) as library:
        known = library.accounts.find("ada")
        page = max(0, known.liked_read // PAGE - 1) if known else 0  # once more what may have stopped half-way
        while True:
            page += 1
            ids = [f"t{number}" for number in range((page - 1) * PAGE, page * PAGE)]
            songs = [SavedSong(Track(one, one), f"uri-{one}", AT + timedelta(minutes=page)) for one in ids]
            said = [Classification(one, "bebop", "jazz", 0.5, "", False, "Why.") for one in ids]
            library.songs.write(KnownAccount("ada", "Ada", -1, AT, liked_read=page * PAGE), songs)
            print("songs", page, flush=True)
            library.genres.write("ada", "m", said)
            print("genres", page, flush=True)
            library.playlists.write_rules("ada", Rules(("jazz",), least_songs=page), AT)
            print("rules", page, flush=True)
            library.runs("ada").begin(Plan(str(page), Rules(("jazz",)), (CHANGE,) * 3), "m", AT, {})
            print("run", page, flush=True)
            words = [Correction("song", one, one, "jazz", "jazz", "Ada", AT + timedelta(minutes=page)) for one in ids]
            library.corrections.add("ada", words)
            print("words", page, flush=True)
            library.knowledge.write_statistics("reccobeats", dict.fromkeys(ids, LOUD), AT)
            print("statistics", page, flush=True)


def test_nothing_that_was_reported_as_done_is_lost(url: str) -> None:
    """Killed at 25 moments: all that was said is there, all that is there is whole, and it can go on."""
    reported: dict[str, int] = {}
    with killed_again_and_again(write_on, url, n_times=25, most_lines=18, longest_s=0.03) as times:
        for lines in times:
            reported |= {what: int(page) for what, page in (line.split() for line in lines)}
            with Library.open(url) as library:
                check(library, reported)
    assert reported["run"] > 0
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()


def check(library: Library, reported: dict[str, int]) -> None:
    """Makes sure that what was reported is there, and nothing by half."""
    known = library.accounts.find("ada")
    n_liked = len(library.songs.added_at("ada"))
    n_sorted = n_liked - len(library.genres.unsorted("ada", "m"))
    rules, runs = library.playlists.rules("ada"), library.runs("ada").all()
    assert n_liked == (known.liked_read if known else 0)
    assert n_liked >= reported.get("songs", 0) * PAGE
    assert n_sorted % PAGE == 0
    assert n_sorted >= reported.get("genres", 0) * PAGE
    assert (rules.least_songs if rules else 0) >= reported.get("rules", 0)
    assert reported.get("run", 0) <= max((int(run.plan_id) for run in runs), default=0)
    assert all(len(run.steps) == 3 for run in runs)
    words = {one.key for one in library.corrections.all("ada")}
    assert len(words) % PAGE == 0
    assert len(words) >= reported.get("words", 0) * PAGE
    known_by = library.knowledge.origins("ada")["statistics"].get("reccobeats", 0)
    assert known_by >= reported.get("statistics", 0) * PAGE
