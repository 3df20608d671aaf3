"""Reads artist tags: a tab-separated file with the columns artist, spotify_artist_id, tag, source."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cratewise.errors import DataFileError

COLUMNS = ("artist", "spotify_artist_id", "tag", "source")


@dataclass(frozen=True, slots=True)
class ArtistTag:
    """One tag that one source gives an artist."""

    artist: str
    tag: str
    source: str


@dataclass(frozen=True, slots=True)
class ArtistTagsFile:
    """The tags of a file, and the file's sha256 in hexadecimal."""

    tags: tuple[ArtistTag, ...]
    fingerprint: str


def load_artist_tags(path: Path) -> ArtistTagsFile:
    """Reads the file.

    Raises:
        DataFileError: It cannot be read, isn't UTF-8, lacks a column, or has a line with too few or too many fields.
    """
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise DataFileError(f"{path} cannot be read: {error.strerror}", hint="Check the path.") from error
    except UnicodeDecodeError as error:
        number = data[: error.start].count(b"\n") + 1
        raise DataFileError(f"{path.name}, line {number}: this is not UTF-8", hint="Save the file as UTF-8.") from error
    header, *lines = text.splitlines() or [""]
    if tuple(header.split("\t")) != COLUMNS:
        raise DataFileError(
            f"{path.name}, line 1: the columns are {header.split(chr(9))}, not {list(COLUMNS)}",
            hint="Give a tab-separated file with these four columns.",
        )
    tags = []
    for number, line in enumerate(lines, start=2):
        fields = line.split("\t")
        if len(fields) != len(COLUMNS):
            raise DataFileError(
                f"{path.name}, line {number}: {len(fields)} fields instead of {len(COLUMNS)}",
                hint="The file may be cut off; get it again.",
            )
        artist, _, tag, source = fields
        tags.append(ArtistTag(artist, tag, source))
    return ArtistTagsFile(tuple(tags), sha256(data).hexdigest())
