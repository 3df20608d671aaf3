import re

import pytest

from cratewise.errors import CratewiseError
from cratewise.playlists.plan import STAYS


def rows(output: str) -> list[str]:
    """The lines of a table, without the padding."""
    return [" ".join(line.split()) for line in output.splitlines()]


def first_song(run) -> tuple[str, str, str]:
    """Id, artist and title of the song liked last."""
    wide = {"COLUMNS": "200"}
    line = rows(run("songs", "--limit", "1", env=wide).stdout)[1]
    found = re.fullmatch(r"(?P<artists>.+?): (?P<title>.+) Jazz 90% (?P<id>\w+)", line)
    assert found, line
    return found["id"], found["artists"].split(", ")[0], found["title"]


def test_songs_are_listed_and_searched(run) -> None:
    """With genre, how sure it is, and id; the last line says how many there are."""
    track_id, artist, title = first_song(run)
    listed = run("songs", f"{artist} {title}", env={"COLUMNS": "200"}).stdout
    assert track_id in listed
    assert listed.splitlines()[-1].endswith(" song.") or "songs." in listed.splitlines()[-1]
    assert "0 songs." in run("songs", "no such song anywhere").stdout
    assert "0 songs." in run("songs", "--unsure").stdout
    assert "more with --limit" in run("songs", "--limit", "2").stdout
    with pytest.raises(CratewiseError, match="no genre"):
        run("songs", "--genre", "no genre")


def test_a_correction_is_made_listed_and_taken_back(run) -> None:
    """A song is corrected by its id; the list says what, who and when; taken back, the network counts again."""
    track_id, _, title = first_song(run)
    wide = {"COLUMNS": "200"}
    assert run("correct", "free jazz", "--song", track_id).stdout.startswith("Free Jazz: ")
    (line,) = [row for row in rows(run("songs", "--corrected", env=wide).stdout) if track_id in row]
    assert line.endswith(f"Free Jazz you {track_id}")
    listed = run("corrections", env=wide).stdout
    number = re.search(r"^(\d+) +song", listed, re.MULTILINE)
    assert number
    assert title.split()[0] in listed
    assert "Taken back" in run("corrections", "--take-back", number[1]).stdout
    assert track_id not in run("songs", "--corrected", env=wide).stdout
    assert "not corrected anything" in run("corrections").stdout
    assert "taken back" in run("corrections", "--all", env=wide).stdout
    with pytest.raises(CratewiseError, match="no correction 99, 1 to take back"):
        run("corrections", "--take-back", "99", "--take-back", number[1])


def test_an_artist_is_corrected_at_once(run) -> None:
    """Every song that the artist is the first on; however the name is spelled."""
    _, artist, _ = first_song(run)
    said = run("correct", "metal", "--artist", artist.upper()).stdout
    assert said.startswith(f"Metal: {artist} (")
    count = int(said.rsplit("(", 1)[1].split()[0])
    assert f"{count:,} song" in run("songs", "--corrected").stdout.splitlines()[-1]


def test_what_cannot_be_meant_is_said(run) -> None:
    """Nothing given, nobody of that name, words that fit several songs: each is one clear error, nothing is kept."""
    assert run("correct", "jazz").exit_code == 2
    for arguments, message in [
        (("--artist", "Nobody at all"), "No liked song is by 'Nobody at all'"),
        (("--album", "No such album"), "No liked song is on an album"),
        (("--song", "a"), "liked songs fit 'a'"),
        (("--song", "no such song"), "No liked song fits"),
    ]:
        with pytest.raises(CratewiseError, match=message):
            run("correct", "jazz", *arguments)
    with pytest.raises(CratewiseError, match="no genre called 'jazzz'"):
        run("correct", "jazzz", "--song", "a")
    assert "not corrected anything" in run("corrections").stdout


@pytest.mark.parametrize("name", ["Blues\nand more", "\x1b[31mred", "x" * 61, "left\u202eright"])
def test_a_name_that_is_no_line_of_text_is_refused(run, name: str) -> None:
    """It would come out on the terminal, in playlists' names and on covers."""
    with pytest.raises(CratewiseError, match="cannot be a genre's name") as caught:
        run("genres", "rename", "Blues", name)
    assert "at most 60 characters" in caught.value.hint
    assert "Blues" in run("genres").stdout


def test_a_song_is_pinned_and_the_plan_follows(run) -> None:
    """Kept out of its genre's playlist the plan leaves it out and says so; freed, it is in again."""
    track_id, _, _ = first_song(run)
    assert "never in Jazz" in run("pin", track_id, "--not-in", "jazz").stdout
    assert "that you keep out" in " ".join(run("plan").stdout.split())
    assert "never in Jazz" in run("corrections").stdout
    run("pin", track_id, "--free", "jazz")
    assert "keep out" not in run("plan").stdout
    assert run("pin", track_id).exit_code == 2
    assert run("pin", track_id, "--in", "jazz", "--free", "jazz").exit_code == 2


def test_genres_are_chosen_by_any_of_their_names(run) -> None:
    """By the name that is printed, however capitalised, by slug, and by the person's own."""
    for name in ("Jazz", "JAZZ", "jazz"):
        assert "Jazz · liked" in run("plan", "--genre", name).stdout
    run("genres", "rename", "jazz", "Swing things")
    assert "Swing things · liked" in run("plan", "--genre", "swing things").stdout
    with pytest.raises(CratewiseError, match="no genre"):
        run("apply", "--yes", "--genre", "nothing")


def test_genres_are_renamed_merged_hidden_and_restored(run) -> None:
    """Everything that names a genre follows; what cannot be is refused and changes nothing."""
    assert run("genres", "rename", "jazz", "Swing things").stdout.strip() == "Swing things"
    assert "Swing things" in run("songs").stdout
    assert "Swing things · liked" in run("plan").stdout
    assert run("genres", "merge", "Swing things", "blues").stdout.strip() == "Swing things (counts as Blues)"
    assert "Blues · liked" in run("plan").stdout
    with pytest.raises(CratewiseError, match="a genre cannot be a part of itself"):
        run("genres", "merge", "blues", "jazz")
    with pytest.raises(CratewiseError, match="“Blues” is the name of another genre"):
        run("genres", "rename", "jazz", "Blues")
    assert run("genres", "restore", "jazz").stdout.strip() == "Jazz"
    assert run("genres", "hide", "jazz").stdout.strip() == "Jazz (hidden)"
    assert "Jazz · liked" not in run("plan").stdout
    assert "Jazz (hidden)" in run("genres").stdout
    run("genres", "restore", "jazz")
    assert "Jazz · liked" in run("plan").stdout
    run("apply", "--yes")
    assert f"Jazz · liked {STAYS}" in run("genres", "hide", "jazz").stdout
    assert f"so it {STAYS}" in " ".join(run("plan").stdout.split())
