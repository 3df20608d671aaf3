"""Songs as a playlist that players open: M3U8 and JSPF.

M3U8 is the list of addresses with `#EXTINF` lines that players know. JSPF is XSPF in JSON (xspf.org/jspf); what it has
no place for stands under an address of this program's, as its extensions do.
"""

import json
import re
from typing import Any
from urllib.parse import quote

from cratewise.errors import DataFileError
from cratewise.exports.jsonfile import (
    MARK,
    background_from_plain,
    background_to_plain,
    check_format,
    parsed,
    songs_from_plain,
    songs_to_plain,
)
from cratewise.exports.record import FORMAT, LibraryRecord, SongRecord
from cratewise.progress import Progress, silent

EXTENSION = "urn:cratewise:library"
"""Under which JSPF keeps what it has no place for."""

_LINE_BREAKS = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_SPOTIFY = re.compile(r"spotify:(track|episode):([0-9A-Za-z]+)")
_IN_AN_URI = ":/?#[]@!$&'()*+,;=%"
_NO_LIBRARY = "It holds a list of addresses only: import the JSON, JSPF, Parquet or CSV file instead."


def to_m3u8(record: LibraryRecord) -> bytes:
    """The songs as a list that players open, each with its length, names and genre."""
    lines = ["#EXTM3U", "#EXTENC:UTF-8"]
    if record.name:
        lines.append(f"#PLAYLIST:{_on_one_line(record.name)}")
    for song in record.songs:
        seconds = -1 if song.duration_ms is None else round(song.duration_ms / 1000)
        lines.append(
            f"#EXTINF:{seconds},{_on_one_line(' - '.join(filter(None, (', '.join(song.artists), song.title))))}"
        )
        if song.album:
            lines.append(f"#EXTALB:{_on_one_line(song.album)}")
        if song.genre:
            lines.append(f"#EXTGENRE:{_on_one_line(song.genre)}")
        lines.append(_address(song))
    return "".join(f"{line}\n" for line in lines).encode()


def to_jspf(record: LibraryRecord) -> bytes:
    """The songs as JSPF; with everything else that is known of them as extensions."""
    songs = zip(record.songs, songs_to_plain(record.songs), strict=True)
    playlist: dict[str, Any] = {
        "title": record.name or "Liked songs",
        "creator": "cratewise",
        "extension": {EXTENSION: [_about(record)]},
        "track": [_track(song, plain) for song, plain in songs],
    }
    if record.background is not None and record.background.exported_at is not None:
        playlist["date"] = record.background.exported_at.isoformat()
    return json.dumps({"playlist": playlist}, ensure_ascii=False, indent=1).encode()


def from_jspf(content: bytes, file: str, progress: Progress = silent) -> LibraryRecord:
    """Reads what `to_jspf` wrote.

    Raises:
        DataFileError: It is damaged, something else, or of a newer version.
    """
    document = parsed(content, file)
    try:
        playlist = document["playlist"]
        about = playlist["extension"][EXTENSION][0]
        songs = [track["extension"][EXTENSION][0] for track in playlist["track"]]
        version, background, name = about[MARK], about.get("library"), str(about.get("name", ""))
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise DataFileError(f"{file} is no library that cratewise exported.", hint=_NO_LIBRARY) from error
    check_format(version, file)
    return LibraryRecord(
        songs=songs_from_plain(songs, file, progress),
        background=None if background is None else background_from_plain(background, file, progress),
        name=name,
    )


def refuse_m3u8(file: str) -> DataFileError:
    """The error of a file that cannot be read back."""
    return DataFileError(f"{file} is a playlist for players.", hint=_NO_LIBRARY)


def _about(record: LibraryRecord) -> dict[str, Any]:
    library = None if record.background is None else background_to_plain(record.background)
    return {MARK: FORMAT, "name": record.name, "library": library}


def _track(song: SongRecord, plain: Any) -> dict[str, Any]:
    track: dict[str, Any] = {
        "location": [_address(song)],
        "identifier": [quote(song.uri, safe=_IN_AN_URI)] if song.uri else [],
        "title": song.title,
        "creator": ", ".join(song.artists),
        "album": song.album,
        "duration": song.duration_ms,
        "annotation": song.genre,
        "image": song.cover_url,
        "extension": {EXTENSION: [plain]},
    }
    return {name: value for name, value in track.items() if value}


def _address(song: SongRecord) -> str:
    """Where the song plays; a search for one that Spotify has no page for."""
    found = _SPOTIFY.fullmatch(song.uri)
    if found:
        return f"https://open.spotify.com/{found[1]}/{found[2]}"
    return "https://open.spotify.com/search/" + quote(" ".join((*song.artists, song.title)), safe="")


def _on_one_line(text: str) -> str:
    return _LINE_BREAKS.sub(" ", text)
