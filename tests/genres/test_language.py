"""Languages are guessed from letters and tags, and English from nothing."""

import pytest

from cratewise.genres.language import languages_of
from cratewise.tracks import Track


@pytest.mark.parametrize(
    ("title", "artist", "tags", "languages"),
    [
        ("Yesterday", "The Beatles", (), set()),
        ("Café", "Beyoncé", (), set()),
        ("Группа крови", "Кино", (), {"russian"}),
        ("Обійми", "Океан Ельзи", (), {"ukrainian"}),
        ("夜に駆ける", "YOASOBI", (), {"japanese"}),
        ("月亮代表我的心", "鄧麗君", (), {"chinese"}),
        ("봄날", "BTS", (), {"korean"}),
        ("ירושלים של זהב", "", (), {"hebrew"}),
        ("Du hast", "Rammstein", ("neue deutsche haerte", "industrial metal"), {"german"}),
        ("La Vie en rose", "Édith Piaf", ("Chanson française",), {"french"}),
        ("Spring Day", "BTS", ("k-pop",), {"korean"}),
        ("Song", "Somebody", ("Germanic folk", "frenchcore"), set()),
    ],
)
def test_languages(title: str, artist: str, tags: tuple[str, ...], languages: set[str]) -> None:
    """One song each."""
    assert languages_of(Track("x", title, (artist,), artist_tags=tags)) == languages
