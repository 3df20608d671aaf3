"""Names as hashed tokens."""

import zlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cratewise.model.names import NAME_TOKENS, hashed, name_tokens
from cratewise.tracks import Track, normalised

any_text = st.text(st.characters(), max_size=30) | st.text("ab é日\t!_", max_size=12) | st.just("ﷺ" * 130)


def tokens_one_by_one(track: Track) -> list[int]:
    """What the tokens are, spelt out; without scripts."""
    found = [hashed(f"a:{word}") for name in track.artists[:4] for word in normalised(name[:60]).split()]
    for field, text in (("t", track.title), ("b", track.album)):
        words = normalised(text[:120]).split()
        found += [hashed(f"{field}:{word}") for word in words]
        found += [hashed(f" {word} "[start : start + 3]) for word in words for start in range(len(word))]
    return list(dict.fromkeys(found))


@given(st.lists(st.builds(Track, st.just("t"), any_text, st.lists(any_text, max_size=6).map(tuple), any_text)))
def test_hashing_many_at_once_is_hashing_one_by_one(tracks: list[Track]) -> None:
    """Each token stands once, in order, up to the width; names in other letters have their scripts beside."""
    for track, row in zip(tracks, name_tokens(tracks), strict=True):
        wanted, found = tokens_one_by_one(track), row[row > 0].tolist()
        assert len(set(found)) == len(found)
        if all(text.isascii() for text in (track.title, track.album, *track.artists)):
            assert found == wanted[:NAME_TOKENS]
        elif len(found) < NAME_TOKENS:
            assert [token for token in found if token in wanted] == wanted


def test_every_three_letters_have_their_checksum() -> None:
    """All of ASCII's letters and digits, in every place of a piece."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    for first in letters:
        words = [f"{first}{second}{third}" for second in "az09m" for third in letters]
        rows = name_tokens([Track("t", word) for word in words])
        for word, row in zip(words, rows, strict=True):
            assert zlib.crc32(word.encode()) in row


def test_a_track_has_its_tokens_among_however_many() -> None:
    """Tracks are taken in blocks, without one reading another's names."""
    tracks = [Track(str(n), f"Song {n}", (f"Artist {n}",), f"Album {n % 7}") for n in range(5000)]
    together = name_tokens(tracks)
    for place in (0, 4095, 4096, 4999):
        assert np.array_equal(together[place], name_tokens([tracks[place]])[0])
    assert name_tokens([]).shape == (0, NAME_TOKENS)
