"""Names of tracks as hashed tokens, for many tracks at once: words, scripts and three-letter pieces.

Half of all time to classify once went into these. There is a piece for each letter, and they are hashed together.
"""

import unicodedata
import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cratewise.tracks import Track, normalised

NAME_TOKENS = 64
"""Tokens of artists' names, title and album that are looked at."""

_N_ARTISTS, _LONGEST_ARTIST, _LONGEST_TEXT = 4, 60, 120  # artists, letters of each, and of a title, that are looked at
_TITLE, _ALBUM = zlib.crc32(b"t:"), zlib.crc32(b"b:")
_BLOCK = 4096
_PLACE_BITS = 16  # a row has some thousands of tokens at most: a letter may stand for a phrase of eighteen
# CRC-32 is linear: that of three bytes is that of each among zeros, added up.
_CRC = np.array([[zlib.crc32(bytes([*[0] * at, code, *[0] * (2 - at)])) for code in range(128)] for at in range(3)])
_CRC = _CRC.astype(np.uint32)


def name_tokens(tracks: Sequence[Track]) -> NDArray[np.uint32]:
    """Tokens of the names of n tracks, each once: uint32 (n, NAME_TOKENS), 0 beyond the last.

    First come the artists' scripts and words; then scripts, words and pieces of the title; then those of the album.
    """
    blocks = [_block(tracks[start : start + _BLOCK]) for start in range(0, len(tracks), _BLOCK)]
    return np.concatenate([np.zeros((0, NAME_TOKENS), dtype=np.uint32), *blocks])


def hashed(text: str) -> int:
    """Token of a text: its CRC-32, but never 0."""
    return zlib.crc32(encoded(text)) or 1


def encoded(text: str) -> bytes:
    """UTF-8, where half a surrogate pair, as JSON can hold one, is no error."""
    return text.encode("utf-8", "surrogatepass")


def script_token(script: str) -> int:
    """Token of names written in a script, by its name in Unicode: "HEBREW"."""
    return hashed(f"~{script}")


def _block(tracks: Sequence[Track]) -> NDArray[np.uint32]:
    whole: list[int] = []  # all tokens but the pieces
    texts: list[str] = []
    sizes: list[int] = []  # for each track of what artists give, title, its pieces, album, its pieces
    for track in tracks:
        n_before = len(whole)
        for name in track.artists[:_N_ARTISTS]:
            whole += _artist_tokens(name[:_LONGEST_ARTIST])
        sizes.append(len(whole) - n_before)
        for text, field in ((track.title, _TITLE), (track.album, _ALBUM)):
            n_before = len(whole)
            words = _words(text[:_LONGEST_TEXT], field, whole)
            sizes += (len(whole) - n_before, len(words) - words.count(" "))
            texts.append(words)
    size = np.array(sizes).reshape(-1, 5)
    start = _starts(size.ravel()).reshape(-1, 5)
    tokens = np.empty(size.sum(), dtype=np.uint32)
    for found, columns in ((np.array(whole, dtype=np.uint32), [0, 1, 3]), (_pieces(texts), [2, 4])):
        of = size[:, columns].ravel()
        tokens[np.repeat(start[:, columns].ravel() - _starts(of), of) + np.arange(len(found))] = found
    return _laid_out(tokens, size.sum(axis=1))


def _laid_out(tokens: NDArray[np.uint32], sizes: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Rows of so many tokens each as a matrix, a token only where it stands first in its row."""
    rows, starts = np.repeat(np.arange(len(sizes)), sizes), _starts(sizes)
    places = (np.arange(len(tokens)) - starts[rows]).astype(np.uint64)
    keys = rows.astype(np.uint64) << (32 + _PLACE_BITS) | tokens.astype(np.uint64) << _PLACE_BITS | places
    keys.sort()
    is_first = np.ones(len(keys), dtype=bool)
    is_first[1:] = keys[1:] >> _PLACE_BITS != keys[:-1] >> _PLACE_BITS
    keys = keys[is_first]
    is_kept = np.zeros(len(tokens), dtype=bool)
    is_kept[starts[keys >> (32 + _PLACE_BITS)] + (keys & ((1 << _PLACE_BITS) - 1)).astype(np.int64)] = True
    n_kept = np.bincount(rows[is_kept], minlength=len(sizes))
    matrix = np.zeros((len(sizes), max(NAME_TOKENS, n_kept.max(initial=0))), dtype=np.uint32)
    matrix[np.arange(matrix.shape[1]) < n_kept[:, None]] = tokens[is_kept]
    return matrix[:, :NAME_TOKENS]


def _starts(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where parts of these sizes begin, one after the other."""
    return np.cumsum(sizes) - sizes


def _words(text: str, field: int, whole: list[int]) -> str:
    """Adds the scripts and words of a text to the tokens; the words, with a space between them."""
    words = " ".join(normalised(text).split())
    if words and not text.isascii():
        whole += [hashed(script) for script in sorted(_scripts(text))]
    whole += [zlib.crc32(word, field) or 1 for word in encoded(words).split()]
    return words


@lru_cache(maxsize=1 << 16)
def _artist_tokens(name: str) -> tuple[int, ...]:
    """Tokens of an artist's name: its scripts and its words."""
    scripts = [hashed(script) for script in sorted(_scripts(name))]
    return (*scripts, *[hashed(f"a:{word}") for word in normalised(name).split()])


def _pieces(texts: Sequence[str]) -> NDArray[np.uint32]:
    """The token around each letter: it and its neighbours, of which a space is one at the end of a word."""
    text = f" {' '.join(texts)} "
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    places = np.flatnonzero(codes != ord(" "))
    around = codes[places - 1], codes[places], codes[places + 1]
    before, letter, after = (_CRC[at][code & 127] for at, code in enumerate(around))
    tokens: NDArray[np.uint32] = before ^ letter ^ after
    for at in np.flatnonzero((around[0] | around[1] | around[2]) > 127).tolist():
        tokens[at] = _piece(text[places[at] - 1 : places[at] + 2])
    return tokens


_piece = lru_cache(maxsize=1 << 16)(hashed)


def _scripts(text: str) -> set[str]:
    """The scripts of a text's letters but the Latin one, marked as such: "~CYRILLIC", "~HANGUL"."""
    return set() if text.isascii() else {_script(character) for character in text if character.isalpha()} - {"~LATIN"}


@lru_cache(maxsize=1 << 14)
def _script(letter: str) -> str:
    """The first word of the letter's Unicode name, marked as a script."""
    return "~" + unicodedata.name(letter, "").split(" ")[0]
