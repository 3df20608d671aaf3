"""Writes what the shipped model says of some tracks, for the tests to hold it to: `python scripts/golden.py`.

Run it when the model or the way to its inputs was meant to change; the difference of the file then shows what did.
"""

import csv
import json
from importlib import resources
from pathlib import Path
from typing import Any

from cratewise.model.classifier import Classifier
from cratewise.tracks import AudioStatistics, Track

GOLDEN = Path(__file__).resolve().parents[1] / "tests" / "model" / "golden.json"
EVERY = 12
"""Every so many songs of the demo library are looked at."""
DIGITS = 4


def golden_tracks() -> list[Track]:
    """Songs of the demo library, some with a made-up sound or tags, and tracks with only one kind of input each."""
    library = resources.files("cratewise.spotify.sandbox").joinpath("demo_library.csv")
    with library.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[::EVERY]
    loud = AudioStatistics(danceability=0.3, energy=0.97, loudness_db=-3.5, valence=0.2, tempo_bpm=160.0)
    quiet = AudioStatistics(danceability=0.2, energy=0.05, loudness_db=-24.0, acousticness=0.99, instrumentalness=0.95)
    beside: list[dict[str, Any]] = [{}, {"statistics": loud}, {"statistics": quiet}, {"artist_tags": ("pop", "house")}]
    songs = [
        Track("", row["title"], tuple(row["artists"].split(" ; ")), row["album"], **beside[place % len(beside)])
        for place, row in enumerate(rows)
    ]
    alone = [
        Track(""),
        Track("", statistics=loud, duration_ms=240_000, popularity=40),
        Track("", statistics=quiet, duration_ms=90_000),
        Track("", artist_tags=("death metal", "technical death metal")),
        Track("", artist_tags=("bossa nova",)),
        Track("", title="أغنية", artists=("مطربة",)),
        Track("", title="Piano Sonata No. 9 in D Major, K. 311: II. Andante"),
    ]
    return songs + alone


def predictions(tracks: list[Track]) -> list[dict[str, Any]]:
    """For each track its name, the verdict, and the three likeliest families and labels with their probabilities."""
    classifier = Classifier.load()
    found = classifier.answers(tracks, labels=True)
    said = []
    for row, (track, verdict) in enumerate(zip(tracks, classifier.verdicts(tracks, found.probabilities), strict=True)):
        families = dict(zip(classifier.manifest.families, found.probabilities.families[row].tolist(), strict=True))
        labels = dict(zip(classifier.manifest.labels, found.labels[row].tolist(), strict=True))
        said.append(
            {
                "track": f"{', '.join(track.artists)}: {track.title}",
                "genre": verdict.genre,
                "reason": verdict.reason,
                "families": _likeliest(families),
                "labels": _likeliest(labels),
            }
        )
    return said


def _likeliest(probabilities: dict[str, float]) -> dict[str, float]:
    names = sorted(probabilities, key=lambda name: -probabilities[name])[:3]
    return {name: round(probabilities[name], DIGITS) for name in names}


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(predictions(golden_tracks()), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"Written to {GOLDEN}.")
