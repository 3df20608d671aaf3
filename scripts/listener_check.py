"""How often the shipped model agrees with people: `python scripts/listener_check.py [--top-hits FILE] [--misses]`.

Two judgements that no training saw, though it saw many of the songs: the demo library's songs with the families a
listener accepts, and, where the file is given, the Top Hits set with a listener's broad genres (several for most).
"""

import argparse
import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path

from cratewise.classification import LEAST_CONFIDENCE, Classification
from cratewise.genres.taxonomy import load_taxonomy
from cratewise.model.classifier import Classifier
from cratewise.tracks import AudioStatistics, Track

DEMO_FAMILIES = Path(__file__).resolve().parents[1] / "tests" / "model" / "demo_families.csv"
DANCE = ("electronic", "house", "techno", "trance", "edm", "bass")
BROAD: dict[str, tuple[str, ...]] = {
    "pop": ("pop", "asian-pop"),
    "rock": ("rock", "indie-and-alternative", "punk"),
    "hip hop": ("hip-hop",),
    "R&B": ("r-and-b", "soul-and-funk"),
    "Dance/Electronic": DANCE,
    "metal": ("metal",),
    "latin": ("latin", "brazilian"),
    "country": ("country",),
    "Folk/Acoustic": ("folk",),
    "blues": ("blues",),
    "jazz": ("jazz",),
    "classical": ("classical",),
    "World/Traditional": ("world", "african", "reggae"),
}
"""Which families each broad genre of the Top Hits set holds."""

Judged = tuple[Track, frozenset[str]]


def demo_songs() -> list[Judged]:
    """The demo library's songs, names alone, with the slugs of the families that a listener accepts."""
    taxonomy = load_taxonomy()
    library = resources.files("cratewise.spotify.sandbox").joinpath("demo_library.csv")
    with library.open(encoding="utf-8", newline="") as file:
        rows = {(row["artists"].split(" ; ")[0], row["title"]): row for row in csv.DictReader(file)}
    songs = []
    with DEMO_FAMILIES.open(encoding="utf-8", newline="") as file:
        for judgement in csv.DictReader(file):
            row = rows[judgement["artist"], judgement["title"]]
            track = Track("", row["title"], tuple(row["artists"].split(" ; ")), row["album"])
            families = frozenset(taxonomy.named(name).slug for name in judgement["families"].split(";") if name)
            if families:
                songs.append((track, families))
    return songs


def top_hits(path: Path) -> list[Judged]:
    """The Top Hits songs with statistics, and the slugs of all families of the genres people named."""
    songs = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            named = [name.strip() for name in row["genre"].split(",")]
            families = frozenset(slug for name in named for slug in BROAD.get(name, ()))
            names = ("danceability", "energy", "speechiness", "acousticness", "instrumentalness", "liveness", "valence")
            heard = AudioStatistics(
                **{name: float(row[name]) for name in names},
                key=int(row["key"]),
                mode=int(row["mode"]),
                loudness_db=float(row["loudness"]),
                tempo_bpm=float(row["tempo"]),
            )
            duration_ms = int(row["duration_ms"])
            if families:
                track = Track("", row["song"], (row["artist"],), duration_ms=duration_ms, statistics=heard)
                songs.append((track, families))
    return songs


def without_sound(track: Track) -> Track:
    """What a new Spotify app sees of a track."""
    return replace(track, statistics=None)


def without_artist(track: Track) -> Track:
    """A track by somebody nobody knows."""
    return replace(track, artists=())


def agreement(verdicts: Sequence[Classification], songs: Sequence[Judged]) -> str:
    """Share of all songs and of those the model is sure of, in words."""
    hits = [verdict.family in families for verdict, (_, families) in zip(verdicts, songs, strict=True)]
    sure = [hit for verdict, hit in zip(verdicts, hits, strict=True) if verdict.confidence >= LEAST_CONFIDENCE]
    return (
        f"{len(songs):5,} songs: {sum(hits) / len(hits):.3f} agree; "
        f"sure of {len(sure) / len(hits):.3f}, of which {sum(sure) / max(1, len(sure)):.3f} agree"
    )


def misses(verdicts: Iterable[Classification], songs: Iterable[Judged]) -> None:
    """Prints what a listener would not accept."""
    for verdict, (track, families) in zip(verdicts, songs, strict=True):
        if verdict.family not in families:
            said = f"{verdict.genre} {verdict.confidence:.2f}, not {'/'.join(sorted(families))}: {verdict.reason}"
            print(f"    {', '.join(track.artists)[:30]:30} {track.title[:28]:28} {said}")


def main() -> None:
    """Prints one line a set and condition."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--top-hits", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--misses", action="store_true")
    given = parser.parse_args()
    classifier = Classifier.load(given.model)
    checks: list[tuple[str, list[Judged], Callable[[Track], Track]]] = [("demo library, names", demo_songs(), replace)]
    if given.top_hits:
        hits = top_hits(given.top_hits)
        checks += [
            ("top hits, names and sound", hits, replace),
            ("top hits, names", hits, without_sound),
            ("top hits, title and sound", hits, without_artist),
        ]
    for name, songs, known in checks:
        verdicts = classifier.classify([known(track) for track, _ in songs])
        print(f"{name:28} {agreement(verdicts, songs)}")
        if given.misses:
            misses(verdicts, songs)


if __name__ == "__main__":
    main()
