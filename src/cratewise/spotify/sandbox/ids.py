"""Ids, uris and snapshot ids in the form Spotify gives them."""

import base64
import hashlib
import re
import secrets
from urllib.parse import quote_plus

ID_LENGTH = 22
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CATALOGUE_URI = re.compile(r"spotify:(track|episode):[0-9A-Za-z]{22}")


def made_id(*parts: str) -> str:
    """The same 22 base-62 digits for the same parts, on every machine."""
    number = int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest())
    digits = []
    for _ in range(ID_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(digits)


def new_id() -> str:
    """22 base-62 digits that were never given before."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(ID_LENGTH))


def is_catalogue_uri(uri: str) -> bool:
    """True for a track or an episode; local files cannot be added through the Web API."""
    return _CATALOGUE_URI.fullmatch(uri) is not None


def local_uri(artist: str, album: str, title: str, duration_s: int = 0) -> str:
    """The uri of a local file: its metadata, as it has no id."""
    return "spotify:local:" + ":".join([*(quote_plus(part) for part in (artist, album, title)), str(duration_s)])


def snapshot_id(playlist_id: str, revision: int) -> str:
    """The name of one version of a playlist."""
    digest = hashlib.sha1(f"{playlist_id}:{revision}".encode(), usedforsecurity=False).hexdigest()
    return base64.b64encode(f"{revision},{digest}".encode()).decode()


def revision_of(snapshot: str, playlist_id: str) -> int | None:
    """The revision a snapshot id names, or `None` when it is none of this playlist's."""
    try:
        number = base64.b64decode(snapshot, validate=True).decode().partition(",")[0]
        revision = int(number)
    except ValueError:
        return None
    return revision if snapshot == snapshot_id(playlist_id, revision) else None
