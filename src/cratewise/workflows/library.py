"""Reading the account into the library, sorting the songs into genres, and looking at the outcome."""

from cratewise.progress import Progress, silent
from cratewise.workflows.services import Services
from cratewise.workflows.values import ClassifyResult, LibraryOverview, SongRow, SyncResult


def sync_library(app: Services, progress: Progress = silent) -> SyncResult:
    """Reads the liked songs and the own playlists of the account; later only what changed."""
    raise NotImplementedError


def classify_library(app: Services, progress: Progress = silent, *, everything: bool = False) -> ClassifyResult:
    """Classifies the liked songs that are new, changed, or known to another model only; or all of them."""
    raise NotImplementedError


def genre_overview(app: Services) -> LibraryOverview:
    """The library at a glance; empty before the first sync."""
    raise NotImplementedError


def list_songs(app: Services) -> tuple[SongRow, ...]:
    """Every liked song with its genre, newest liked first."""
    raise NotImplementedError
