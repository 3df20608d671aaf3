"""The jobs of the pages: what is done for each kind of order, begun anew or gone on with after a restart."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from cratewise import workflows
from cratewise.errors import CratewiseError, LibraryAwayError
from cratewise.jobs.state import JobOrder, Result
from cratewise.jobs.uploads import Uploads
from cratewise.playlists.apply import StalePlanError
from cratewise.playlists.plan import Plan
from cratewise.playlists.rules import Rules
from cratewise.playlists.runs import Run
from cratewise.progress import Progress
from cratewise.web.connection import local_way
from cratewise.web.errors import OutdatedError
from cratewise.web.schedule import KIND, note
from cratewise.workflows.services import Services


def rules_for(app: Services, genres: Sequence[str]) -> Rules:
    """The person's rules with these genres chosen; with none given, as they were last time.

    Raises:
        GenresError: One of the genres does not exist.
    """
    rules = workflows.current_rules(app)
    for slug in genres:
        app.taxonomy.genre(slug)
    return replace(rules, genres=tuple(dict.fromkeys(genres))) if genres else rules


class Tasks:
    """Does what is ordered with one application.

    Whatever an earlier attempt at the same order has done is found where it was kept (the library, the history of the
    runs) and is not done again.

    Args:
        app: The application.
        uploads: Where the files are that come with orders.
    """

    def __init__(self, app: Services, uploads: Uploads) -> None:
        self._app = app
        self._uploads = uploads
        self._kinds: Mapping[str, Callable[..., Result]] = {
            "sort": self.sort,
            "playlists": self.read_playlists,
            "enrich": self.enrich,
            "import": self.take_file,
            "apply": self.apply,
            "playlist": self.make_playlist,
            "resume": self.resume,
            "undo": self.undo,
            KIND: self.keep_current,
        }

    def perform(self, order: JobOrder, progress: Progress) -> Result:
        """Does what was ordered, and says on which page to go on.

        Raises:
            CratewiseError: It cannot be done.
        """
        work = self._kinds.get(order.kind)
        if work is None:
            raise CratewiseError(f"There is no job {order.kind!r}.", hint="A newer cratewise may have begun it.")
        _check_arguments(work, order)
        return work(order, progress, **order.arguments)

    def sort(self, _order: JobOrder, progress: Progress, following: str = "/") -> Result:
        """Reads the account and sorts its songs; the pages then go on at `following`, a page here.

        Songs from files are sorted as they are.
        """
        following = local_way(following)
        if workflows.is_from_file(self._app):
            workflows.classify_library(self._app, progress)
            return {"next": following}
        known = self._app.library.accounts.latest()
        found = workflows.sync_library(self._app, progress)
        if sources := workflows.current_rules(self._app).sources:
            workflows.read_playlists(self._app, workflows.look_for_playlists(self._app, sources), progress)
        sorted_now = workflows.classify_library(self._app, progress).classified
        if known is None or following != "/":  # the page says it all
            return {"next": following}
        return {"next": following, "told": [_told_of(found, sorted_now)]}

    def keep_current(self, _order: JobOrder, progress: Progress) -> Result:
        """Keeps the playlists current without a question, and notes what came of it."""
        try:
            found = workflows.keep_current(self._app, progress)
        except LibraryAwayError:  # nothing can be noted; a host's worker goes on when it is back
            raise
        except CratewiseError as error:
            note(self._app, f"Not done: {str(error).rstrip('.')}.")
            raise
        written = found.applied
        if written is None:
            note(self._app, "Nothing to write.")
            return {}
        songs = f"{written.added:,} {'song' if written.added == 1 else 'songs'} in, {written.removed:,} out"
        note(self._app, f"{written.created:,} playlists made, {written.changed:,} changed: {songs}.")
        return {}

    def read_playlists(self, _order: JobOrder, progress: Progress) -> Result:
        """Reads the person's own playlists, as far as they changed."""
        workflows.read_playlists(self._app, workflows.look_for_playlists(self._app), progress)
        return {"next": "/settings"}

    def enrich(self, _order: JobOrder, progress: Progress) -> Result:
        """Asks the sources what the songs sound like, and sorts what is known better."""
        asked = workflows.enrich_library(self._app, progress)
        workflows.classify_library(self._app, progress)
        songs = "1 song is" if asked.changed == 1 else f"{asked.changed:,} songs are"
        found = [f"{one.title}: {one.found:,} of {one.asked:,} known." for one in asked.sources if one.asked]
        problems = [one.problem for one in asked.sources if one.problem]  # with the source's name
        return {"next": "/settings", "told": [f"{songs} known better than before.", *found, *problems]}

    def take_file(self, order: JobOrder, progress: Progress, name: str) -> Result:
        """Imports the file that came with the order, and sorts its songs.

        On a host a file adds no songs to those that Spotify names: it says more of them, once they were read.

        Args:
            order: The order.
            progress: Is told of each stage.
            name: What the file is called.

        Raises:
            DataFileError: The file is gone.
        """
        progress(f"Reading {name}", 0, None)
        with self._uploads.opened(order.job_id, name) as file:
            if workflows.is_to_be_read_first(self._app):
                workflows.sync_library(self._app, progress)
            found = workflows.import_file(self._app, file, progress)
        workflows.classify_library(self._app, progress)
        songs = "1 song" if found.found == 1 else f"{found.found:,} songs"
        n_known, where = (found.added, "new") if found.takes_songs else (found.known, "among your liked songs")
        return {"next": "/", "told": [f"{name}: {songs}, {n_known:,} of them {where}.", *found.notes]}

    def apply(self, order: JobOrder, progress: Progress, plan_id: str, genres: Sequence[str], after_run: int) -> Result:
        """Writes the plan of these genres that the person saw.

        Args:
            order: The order.
            progress: Is told of each playlist.
            plan_id: The plan.
            genres: What it was made for.
            after_run: Number of the run that was the newest when this was ordered, 0 where there was none.

        Raises:
            StalePlanError: The same genres now come to another plan; nothing is written.
            OutdatedError: The playlists in the account were changed since it was read.
        """
        if (begun := self._begun(order, plan_id, after_run)) is not None:
            return self._finish(begun, progress)
        return self._write(seen_plan(self._app, plan_id, genres), progress)

    def make_playlist(
        self, order: JobOrder, progress: Progress, plan_id: str, songs: Sequence[str], name: str, after_run: int
    ) -> Result:
        """Makes one playlist of liked songs; `after_run` is what `apply` has.

        Raises:
            PlaylistsError: It cannot be made.
        """
        if (begun := self._begun(order, plan_id, after_run)) is not None:
            return self._finish(begun, progress)
        return self._write(workflows.plan_of_songs(self._app, songs, name), progress)

    def resume(self, order: JobOrder, progress: Progress, run_id: int) -> Result:
        """Writes what is missing of the run that was stopped on the way."""
        run = next((run for run in workflows.history(self._app) if run.run_id == run_id), None)
        if run is not None and order.attempt > 1:
            return self._finish(run, progress)
        return _to_run(workflows.resume_run(self._app, progress).run_id)

    def undo(self, order: JobOrder, progress: Progress, run_id: int) -> Result:
        """Takes the newest run back."""
        if order.attempt > 1 and any(
            run.run_id == run_id and run.state == "undone" for run in workflows.history(self._app)
        ):
            return {**_to_run(run_id), "kept": ()}
        result = workflows.undo_run(self._app, run_id, progress)
        return {**_to_run(run_id), "kept": result.kept}

    def _write(self, plan: Plan, progress: Progress) -> Result:
        try:  # which rules are kept is not touched: those saved meanwhile are newer
            return _to_run(workflows.apply_plan(self._app, plan, progress, keep_rules=False).run_id)
        except StalePlanError as stale:
            hint = "Nothing was written. Read the account again, and look at the new preview."
            raise OutdatedError(str(stale), hint=hint) from stale

    def _finish(self, run: Run, progress: Progress) -> Result:
        if run.is_unfinished:
            workflows.resume_run(self._app, progress)
        return _to_run(run.run_id)

    def _begun(self, order: JobOrder, plan_id: str, after_run: int) -> Run | None:
        """The run that an earlier attempt at the order has begun, if it came so far.

        It is known by its number: an account's jobs are done one by one, but perhaps on machines whose clocks differ.
        """
        if order.attempt == 1:
            return None
        runs = workflows.history(self._app)
        return next((run for run in runs if run.plan_id == plan_id and run.run_id > after_run), None)


def seen_plan(app: Services, plan_id: str, genres: Sequence[str]) -> Plan:
    """The plan of these genres, as the person saw it.

    Raises:
        GenresError: One of the genres does not exist.
        StalePlanError: They come to another plan now.
    """
    plan = workflows.make_plan(app, rules_for(app, genres))
    if plan.plan_id != plan_id:
        raise StalePlanError(
            "Your library changed after this preview was made, so nothing was written.",
            hint="Open the preview again, look at what is new, then write it.",
        )
    return plan


def _check_arguments(work: Callable[..., Result], order: JobOrder) -> None:
    """Makes sure that an order says what the job needs to know: it may come from a file, or from another version.

    Raises:
        CratewiseError: It does not.
    """
    kinds = get_type_hints(work)
    try:
        inspect.signature(work).bind(order, None, **order.arguments)
        for name, value in order.arguments.items():
            TypeAdapter(kinds[name]).validate_python(value, strict=True)
    except (TypeError, ValidationError) as error:
        hint = "Another cratewise may have begun it. Start it again from its page."
        raise CratewiseError(f"The job {order.kind!r} cannot be gone on with.", hint=hint) from error


def _told_of(found: workflows.SyncResult, sorted_now: int) -> str:
    """What reading the account found, and how many songs were sorted where that is more than the new ones."""
    parts = [f"{found.added:,} new {'song' if found.added == 1 else 'songs'}"] if found.added else []
    if sorted_now > found.added:  # an earlier sort was stopped, or songs are known better now
        parts.append(f"{sorted_now:,} {'song' if sorted_now == 1 else 'songs'} sorted")
    if found.removed:
        parts = [*(parts or ["Nothing new"]), f"{found.removed:,} no longer liked"]
    return f"{', '.join(parts) or 'Nothing new'}."


def _to_run(run_id: int | None) -> dict[str, Any]:
    return {"next": "/history" if run_id is None else f"/history/{run_id}"}
