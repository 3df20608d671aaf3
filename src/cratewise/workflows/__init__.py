"""The use cases in a row: sync, classify, plan, apply, undo. The command line and the web pages call nothing below."""

from cratewise.playlists.apply import StalePlanError
from cratewise.workflows.budget import apply_calls, reading_calls, resume_calls, sync_calls, undo_calls, warning
from cratewise.workflows.choice import GenreOutlook, Outlook, choice_outlook
from cratewise.workflows.library import classify_library, genre_overview, list_songs
from cratewise.workflows.playlists import (
    UnfinishedRunError,
    apply_plan,
    current_rules,
    default_rules,
    history,
    make_plan,
    managed_playlists,
    resume_run,
    save_rules,
    undo_run,
    unfinished_run,
)
from cratewise.workflows.sync import sync_library
from cratewise.workflows.values import (
    AppliedPlaylist,
    ApplyResult,
    ClassifyResult,
    FamilyOverview,
    GenreCount,
    LibraryOverview,
    SongRow,
    SyncResult,
    UndoResult,
)

__all__ = [
    "AppliedPlaylist",
    "ApplyResult",
    "ClassifyResult",
    "FamilyOverview",
    "GenreCount",
    "GenreOutlook",
    "LibraryOverview",
    "Outlook",
    "SongRow",
    "StalePlanError",
    "SyncResult",
    "UndoResult",
    "UnfinishedRunError",
    "apply_calls",
    "apply_plan",
    "choice_outlook",
    "classify_library",
    "current_rules",
    "default_rules",
    "genre_overview",
    "history",
    "list_songs",
    "make_plan",
    "managed_playlists",
    "reading_calls",
    "resume_calls",
    "resume_run",
    "save_rules",
    "sync_calls",
    "sync_library",
    "undo_calls",
    "undo_run",
    "unfinished_run",
    "warning",
]
