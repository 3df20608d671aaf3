"""Which languages a song may be sung in: by the letters of its title and artists, and by what its tags name.

A guess, for rules that a person sets; English tells itself by nothing, so it is never among them.
"""

import re

from cratewise.tracks import Track, normalised

_BY_LETTERS = (
    ("japanese", re.compile(r"[\u3040-\u30ff]")),  # kana; shared Chinese characters tell only where there is no kana
    ("korean", re.compile(r"[\u1100-\u11ff\uac00-\ud7a3]")),
    ("greek", re.compile(r"[\u0370-\u03ff]{2}")),
    ("russian", re.compile(r"[\u0400-\u04ff]{2}")),
    ("hebrew", re.compile(r"[\u0590-\u05ff]{2}")),
    ("arabic", re.compile(r"[\u0600-\u06ff]{2}")),
    ("hindi", re.compile(r"[\u0900-\u097f]{2}")),
    ("thai", re.compile(r"[\u0e00-\u0e7f]{2}")),
)
_CHINESE = re.compile(r"[\u4e00-\u9fff]{2}")
_UKRAINIAN = re.compile(r"[\u0404\u0406\u0407\u0454\u0456\u0457\u0490\u0491]")

_BY_WORD = {
    "arabic": "arabic",
    "bollywood": "hindi",
    "brasileira": "portuguese",
    "brasileiro": "portuguese",
    "brazilian": "portuguese",
    "cantopop": "cantonese",
    "chanson": "french",
    "corrido": "spanish",
    "corridos": "spanish",
    "czech": "czech",
    "danish": "danish",
    "dansk": "danish",
    "deutsch": "german",
    "deutsche": "german",
    "deutscher": "german",
    "dutch": "dutch",
    "espanol": "spanish",
    "fado": "portuguese",
    "finnish": "finnish",
    "francais": "french",
    "francaise": "french",
    "francoton": "french",
    "french": "french",
    "german": "german",
    "greek": "greek",
    "hebrew": "hebrew",
    "hindi": "hindi",
    "hungarian": "hungarian",
    "icelandic": "icelandic",
    "israeli": "hebrew",
    "italian": "italian",
    "italiana": "italian",
    "italiano": "italian",
    "japanese": "japanese",
    "j": "japanese",
    "k": "korean",
    "korean": "korean",
    "mandopop": "mandarin",
    "mandarin": "mandarin",
    "mexicana": "spanish",
    "mexicano": "spanish",
    "mpb": "portuguese",
    "nederlandse": "dutch",
    "nederlandstalig": "dutch",
    "neue": "german",
    "norwegian": "norwegian",
    "norsk": "norwegian",
    "polish": "polish",
    "polski": "polish",
    "portuguese": "portuguese",
    "ranchera": "spanish",
    "romanian": "romanian",
    "russian": "russian",
    "schlager": "german",
    "sertanejo": "portuguese",
    "spanish": "spanish",
    "suomi": "finnish",
    "svensk": "swedish",
    "svenska": "swedish",
    "swedish": "swedish",
    "tamil": "tamil",
    "telugu": "telugu",
    "thai": "thai",
    "turkce": "turkish",
    "turkish": "turkish",
    "ukrainian": "ukrainian",
    "variete": "french",
    "vietnamese": "vietnamese",
}


LANGUAGES = frozenset(_BY_WORD.values()) | {language for language, _ in _BY_LETTERS} | {"chinese", "ukrainian"}
"""Every language that can be told."""


def languages_of(track: Track) -> frozenset[str]:
    """The languages a song may be in, in English and small letters; empty when nothing tells."""
    names = " ".join((track.title, *track.artists))
    if names.isascii() and not track.artist_tags:
        return frozenset()
    found = {language for language, letters in _BY_LETTERS if letters.search(names)}
    if _CHINESE.search(names) and "japanese" not in found:
        found.add("chinese")
    if "russian" in found and _UKRAINIAN.search(names):
        found = found - {"russian"} | {"ukrainian"}
    for tag in track.artist_tags:
        found |= {_BY_WORD[word] for word in normalised(tag).split() if word in _BY_WORD}
    return frozenset(found)
