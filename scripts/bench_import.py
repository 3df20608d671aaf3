"""What importing a great file costs: how long, how much memory, and how long a stop would wait for it.

    python scripts/bench_import.py [--megabytes 99] [--url postgresql://…]

The file is made up as Exportify writes one. It is imported twice, into an empty library and into the one that then
holds it, each time in a process of its own. A stop is heeded whenever the import says how far it is: the longest time
between two such moments is what somebody waits for it.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from cratewise import workflows
from cratewise.app import Application
from cratewise.settings import load_settings

HEADER = (
    "Track URI,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,Explicit,Added By,Added At,"
    "Genres,Record Label,Danceability,Energy,Key,Loudness,Mode,Speechiness,Acousticness,Instrumentalness,Liveness,"
    "Valence,Tempo,Time Signature\n"
)
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
START = datetime(2010, 1, 1, tzinfo=UTC)


def write_songs(path: Path, n_bytes: int) -> int:
    """Writes a file of about that size, and says how many songs are in it."""
    random = Random(7)  # noqa: S311 - no secret
    n_songs = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("\ufeff" + HEADER)
        while file.tell() < n_bytes:
            file.write("".join(_line(random, n_songs + number) for number in range(1_000)))
            n_songs += 1_000
    return n_songs


def _line(random: Random, number: int) -> str:
    track_id = "".join(random.choices(LETTERS, k=22))
    artist = f"Artist {int(random.paretovariate(0.7)) % 50_000} & The Band"
    title = f"Song {random.choice('abcdefghé')} {number} of a longer title"
    liked_at = (START + timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
    shares = ",".join(f"{random.random():.3f}" for _ in range(5))
    return (
        f'spotify:track:{track_id},"{title}","Album {number % 40_000}, remastered",{artist};A guest,'
        f'{1960 + number % 65}-03-07,{150_000 + number % 99_999},{number % 100},false,,{liked_at},"indie rock,'
        f'art rock",A label of records,{random.random():.3f},{random.random():.3f},{number % 12},-8.612,'
        f"{number % 2},{shares},{60 + 120 * random.random():.3f},4\n"
    )


def measure(file: Path, folder: Path, url: str) -> None:
    """Imports the file here, and prints what that took."""
    gaps: list[tuple[float, str]] = []
    stages: dict[str, float] = {}
    last, stage, name = time.perf_counter(), "before the first", "before the first"

    def progress(now_at: str, done: int, total: int | None) -> None:
        nonlocal last, stage, name
        now = time.perf_counter()
        gaps.append((now - last, f"{stage} … {now_at} {done}/{total}"))
        stages[name] = stages.get(name, 0.0) + now - last
        last, stage, name = now, f"{now_at} {done}", now_at

    settings = load_settings(data_dir=folder, database_url=url or None)
    with Application.open(settings) as app:
        before_mb = _peak_mb()
        began = last = time.perf_counter()
        found = workflows.import_file(app, file, progress)
        ended = time.perf_counter()
    gaps.append((ended - last, f"{stage} … the end"))
    for one, seconds in stages.items():
        print(f"  {one}: {seconds:.1f} s")
    longest_s, where = max(gaps)
    print(
        f"{found.found:,} songs, {found.added:,} new: {ended - began:.0f} s, {_peak_mb():,.0f} MB at most "
        f"({before_mb:,.0f} before), {longest_s:.2f} s between two moments at most ({where})"
    )


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Makes the file and imports it twice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=99)
    parser.add_argument("--url", default="")
    parser.add_argument("--measure", nargs=2, type=Path, metavar=("FILE", "FOLDER"), help="import a file here")
    given = parser.parse_args()
    if given.measure:
        measure(*given.measure, given.url)
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "songs.csv"
        n_songs = write_songs(file, int(given.megabytes * 1e6))
        print(f"{file.stat().st_size / 1e6:.0f} MB, {n_songs:,} songs", flush=True)
        again = [sys.executable, __file__, "--url", given.url, "--measure", str(file), folder]
        for _ in range(2):
            subprocess.run(again, check=True)


if __name__ == "__main__":
    main()
