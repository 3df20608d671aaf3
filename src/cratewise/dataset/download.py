"""Fetches the dataset from its public home, goes on where it was interrupted, and trusts only its checksum."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from cratewise.errors import DataFileError
from cratewise.progress import Progress, silent

_STAGE = "Downloading the dataset"
_TIMEOUT_S = 30.0


class DownloadError(DataFileError):
    """The dataset could not be fetched, or what came is not the dataset."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a file lies, and how to tell that it is the right one.

    Attributes:
        url: Its address.
        sha256: Checksum of its bytes, in hexadecimal.
        n_bytes: Its length.
    """

    url: str
    sha256: str
    n_bytes: int


DATASET = Origin(
    url="https://huggingface.co/datasets/maharshipandya/spotify-tracks-dataset/resolve/main/dataset.csv",
    sha256="b202fa49909b2d5cef71a04b1d21243cfeb36414535f2ca9272aa646721177bd",
    n_bytes=20_118_244,
)


def download(target: Path, origin: Origin = DATASET, progress: Progress = silent) -> bool:
    """Fetches the file to `target`; until it is whole and checked it is called `<target>.part`.

    A part that an interrupted call left is gone on with. Nothing is ever written over a file that is there already.

    Returns:
        False when the very file was there already.

    Raises:
        DownloadError: The server can't be reached or refuses, or what it sent has another checksum (then the part is
            deleted), or `target` is another file or can't be written.
    """
    part = target.with_name(target.name + ".part")
    with _disk_errors(target):
        if target.exists():
            _check_present(target, origin)
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        if part.exists() and part.stat().st_size > origin.n_bytes:
            part.unlink()
        if not part.exists() or part.stat().st_size < origin.n_bytes:
            _fetch(part, origin, progress)
        found = _sha256(part)
        if found != origin.sha256:
            part.unlink()
            raise DownloadError(
                f"what came from {origin.url} has the checksum {found}, not {origin.sha256}",
                hint="It was deleted. Try once more; if it stays so, the file was changed there.",
            )
        part.replace(target)
    return True


def _check_present(target: Path, origin: Origin) -> None:
    if target.is_dir():
        raise DownloadError(f"{target} is a directory", hint="Name the file it shall become.")
    if _sha256(target) != origin.sha256:
        raise DownloadError(f"{target} is there already and is another file", hint="Move it away or name another one.")


def _fetch(part: Path, origin: Origin, progress: Progress) -> None:
    """Gets what `part` lacks; a server that can't send the rest alone sends everything again."""
    n_present = part.stat().st_size if part.exists() else 0
    # Compressed, a range would count other bytes than the file's.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={n_present}-"} if n_present else {})
    try:
        with (
            httpx.Client(follow_redirects=True, timeout=_TIMEOUT_S) as client,
            client.stream("GET", origin.url, headers=headers) as response,
        ):
            if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE and n_present:
                part.unlink()  # it is longer than the file there, so it was part of another one
            elif response.status_code not in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
                raise DownloadError(
                    f"{origin.url} answered {response.status_code} {response.reason_phrase}",
                    hint="Try again later, or fetch the file by hand and give its path.",
                )
            else:
                _write(response, part, _begins_at(response, n_present), origin, progress)
                return
    except httpx.HTTPError as error:
        raise DownloadError(
            f"the download from {origin.url} broke off: {error or type(error).__name__}",
            hint="Run it again: it goes on where it stopped.",
        ) from error
    _fetch(part, origin, progress)


def _begins_at(response: httpx.Response, n_present: int) -> int:
    """The place in the file of the first byte that comes."""
    if response.status_code != httpx.codes.PARTIAL_CONTENT:
        return 0
    content_range = response.headers.get("Content-Range", "")
    found = re.match(r"bytes (\d+)-", content_range)
    if not found or int(found[1]) > n_present:
        raise DownloadError(
            f"{response.url} was asked for the bytes from {n_present} on and sent {content_range!r}",
            hint="Delete the .part file and run it again.",
        )
    return int(found[1])


def _write(response: httpx.Response, part: Path, n_done: int, origin: Origin, progress: Progress) -> None:
    with part.open("r+b" if n_done else "wb") as file:
        file.truncate(n_done)
        file.seek(n_done)
        progress(_STAGE, n_done, origin.n_bytes)
        for chunk in response.iter_raw():
            n_done += len(chunk)
            if n_done > origin.n_bytes:
                break  # too long to be the file; the checksum says so
            file.write(chunk)
            progress(_STAGE, n_done, origin.n_bytes)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _disk_errors(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DownloadError(
            f"{target} cannot be written: {error.strerror or error}", hint="Check the folder and the space left."
        ) from error
