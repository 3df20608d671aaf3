"""What a genre's songs sound like, as its card draws it and as a screen reader says it."""

from dataclasses import dataclass

from cratewise.workflows import Sound

BARS = (("energy", "Energy"), ("danceability", "Dance"), ("valence", "Mood"), ("acousticness", "Acoustic"))


@dataclass(frozen=True, slots=True)
class SoundBar:
    """One bar of a sound profile.

    Attributes:
        name: What stands under it.
        percent: How high it is, 0 to 100.
    """

    name: str
    percent: int


@dataclass(frozen=True, slots=True)
class SoundProfile:
    """A sound profile.

    Attributes:
        bars: A bar for each number between 0 and 1 that is known.
        tempo: Beats a minute as a number, empty when unknown.
        told: All of it as a sentence.
        note: Of how many songs it speaks where that is less than half of them, else empty.
    """

    bars: tuple[SoundBar, ...]
    tempo: str
    told: str
    note: str


def profile_of(sound: Sound | None, songs: int) -> SoundProfile | None:
    """Puts what a genre's songs sound like into bars and words; `None` where nothing is known.

    Args:
        sound: The means.
        songs: Songs the genre has.
    """
    if sound is None:
        return None
    known = [(name, value) for measure, name in BARS if (value := getattr(sound, measure)) is not None]
    bars = tuple(SoundBar(name, round(100 * value)) for name, value in known)
    tempo = "" if sound.tempo_bpm is None else f"{sound.tempo_bpm:.0f}"
    said = [f"{bar.name.lower()} {bar.percent}%" for bar in bars]
    said += [f"{tempo} beats a minute"] if tempo else []
    share = f"known of {sound.songs:,} of {songs:,} songs"
    said += [share] if sound.songs < songs else []
    return SoundProfile(bars, tempo, f"Sound: {', '.join(said)}", share if 2 * sound.songs < songs else "")
