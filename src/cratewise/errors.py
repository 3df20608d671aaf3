"""The errors a person can meet: one root, one base for each room.

A message says what was found (the actual value) and `hint` what to do about it. They are turned into an exit code and
a line of text by the command line, and into one JSON shape and one page by the web application, and nowhere else.
"""


class CratewiseError(Exception):
    """Root of everything this program raises on purpose.

    Attributes:
        headline: What went wrong as a listener would say it, where the message names a call; empty where it doesn't.
        hint: What the person can do about it, as a sentence; empty where there is nothing to do.
    """

    headline = ""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class SettingsError(CratewiseError):
    """A setting has a value that cannot be used."""


class DataFileError(CratewiseError):
    """A file that a person gave cannot be read as what it should be."""


class GenresError(CratewiseError):
    """The taxonomy or the lexicon contradicts itself, or a genre is not known."""


class ModelError(CratewiseError):
    """The model cannot be read, trained or run."""


class SpotifyError(CratewiseError):
    """Spotify (or the sandbox) refused a call, could not be reached, or answered what cannot be understood."""


class SourceError(CratewiseError):
    """A source of statistics or tags is down, refuses a call, or answered what cannot be understood.

    Attributes:
        source: The source's name, as "MusicBrainz".
        call: The call, as "GET /ws/2/artist"; never with what was asked, nor with a key.
    """

    def __init__(self, source: str, call: str, message: str, *, hint: str) -> None:
        super().__init__(f"{source}: {call}: {message}", hint=hint)
        self.source = source
        self.call = call


class LibraryError(CratewiseError):
    """The store of a person's library cannot be opened, read or written."""


class LibraryAwayError(LibraryError):
    """The database of the library cannot be reached now; nothing that was kept is lost."""


class LibraryRefusedError(LibraryError):
    """The server of the library's database did not do what it was asked for; nothing of it was kept.

    The message has the server's own words, which are for whoever keeps it; `headline` is for everybody.
    """

    def __init__(self, message: str, *, headline: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.headline = headline


class PlaylistsError(CratewiseError):
    """A plan cannot be made, applied or undone."""


class ClusterError(CratewiseError):
    """A cluster cannot be reached, or its work came to nothing."""
