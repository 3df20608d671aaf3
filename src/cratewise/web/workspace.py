"""What the pages and the API share: the application, its jobs and events, and what is kept between two requests."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from threading import Lock
from typing import Any

from cratewise import workflows
from cratewise.app import Application
from cratewise.errors import CratewiseError, PlaylistsError
from cratewise.jobs.state import JobBusyError, JobDesk, JobState
from cratewise.playlists.apply import StalePlanError
from cratewise.playlists.conditions import conditions_of
from cratewise.playlists.plan import Plan
from cratewise.playlists.rules import Rules
from cratewise.spotify.errors import shown_time
from cratewise.web.choice import ChoiceWords, words_of
from cratewise.web.drafts import Drafts
from cratewise.web.events import EventHub
from cratewise.web.tasks import rules_for, seen_plan
from cratewise.web.view import LibraryView
from cratewise.workflows import Outlook

NEWEST = 12
SPOTIFY_API = "https://api.spotify.com"
SPOTIFY_LIKED = "https://open.spotify.com/collection/tracks"
SPOTIFY_PLAYLISTS = "https://open.spotify.com/collection/playlists"


@dataclass(frozen=True, slots=True)
class AccountCard:
    """Whose songs the pages show.

    Attributes:
        name: Display name.
        kind: "Spotify account" or "Sandbox account".
        url: Where its owner looks at the liked songs.
        playlists_url: Where its owner looks at the playlists.
        opening: What a link there says.
    """

    name: str
    kind: str
    url: str
    playlists_url: str
    opening: str


@dataclass(frozen=True, slots=True)
class FirstLook:
    """An account that was not read yet.

    Attributes:
        account: The account.
        liked: Liked songs it holds.
        newest: Title and artists of the newest of them.
    """

    account: AccountCard
    liked: int
    newest: tuple[tuple[str, tuple[str, ...]], ...]


class Workspace:
    """One open application with everything the web adds to it.

    Attributes:
        app: The application.
        jobs: Its background jobs.
        events: The streams that hear of them.
        places: Where songs stand on the map, kept from one look to the next.
        drafts: The plans that were drafted last.
    """

    jobs: JobDesk

    def __init__(self, app: Application) -> None:
        self.app = app
        self.events = EventHub(self.snapshot)
        self.places = workflows.Places()
        self.drafts = Drafts(self._state_of_plans)
        self._first_look: tuple[object, FirstLook] | None = None
        self._library: tuple[object, LibraryView] | None = None
        self._changed = object()
        self._looking = Lock()

    @property
    def account(self) -> AccountCard | None:
        """The account that was read last, without asking it; `None` before the first time."""
        known = self.app.library.accounts.latest()
        return None if known is None else self._card(known.name)

    @property
    def first_look(self) -> FirstLook:
        """The account before it is read in full, asked once.

        Raises:
            CratewiseError: None is connected, or it cannot be reached.
        """
        changed, kept = self._changed, self._first_look
        if kept is None or kept[0] is not changed:  # also where another logs in while this one is asked
            page = self.app.account.liked_songs(0)
            look = FirstLook(
                account=self._card(self.app.account.profile().name),
                liked=page.total,
                newest=tuple((song.track.title, song.track.artists) for song in page.songs[:NEWEST]),
            )
            self._first_look = kept = (changed, look)
        return kept[1]

    def may(self, *, write: bool = False) -> bool:
        """Whether somebody is logged in who has allowed reading, or writing; nobody is asked."""
        try:
            self.app.account.check_login(writing=write)
        except CratewiseError:
            return False
        return True

    def account_changed(self) -> None:
        """Forgets what was kept of the account: another one may be logged in now."""
        self.app.reconnect()
        self._look_anew()
        self._login_counts()

    def _look_anew(self) -> None:
        """Forgets what was seen of the account and its library."""
        self._library, self._changed = None, object()

    def _login_counts(self) -> None:
        """Takes down the job that asked for a login, and tells every tab."""
        job = self.jobs.latest
        if job is not None and job.login:
            self.jobs.forget()
        self.events.publish()

    def refuse_busy(self) -> None:
        """Makes sure that nothing works with the account.

        Raises:
            JobBusyError: Something does.
        """
        job = self.jobs.latest
        if job is not None and job.is_active:
            raise JobBusyError(f"“{job.stage}” is still running.", hint="Wait until it is done, or stop it first.")

    @property
    def library(self) -> LibraryView:
        """The library as it is: read anew once a job began or ended, and when another process has read the account."""
        with self._looking:  # two that ask at once are to share what is read, and not to read it twice
            moment, kept = self._moment(), self._library
            if kept is None or kept[0] != moment:
                self._library = kept = (moment, LibraryView(self.app))
            return kept[1]

    def _moment(self) -> object:
        job = self.jobs.latest
        known = self.app.library.accounts.latest()
        return self._changed, known, job and (job.job_id, job.is_active), self.changes_elsewhere()

    def _state_of_plans(self) -> object:
        """Everything but the rules that plans are made from, in short."""
        known = self.app.library.accounts.latest()
        playlists = self.app.library.playlists
        own = (playlists.managed(known.account_id), playlists.own(known.account_id)) if known else ()
        return self._moment(), LibraryView(self.app).revision, own, self.app.now().astimezone().date()

    def changes_elsewhere(self) -> int:
        """Another number than before means that another process has changed the library on a page."""
        return 0

    def library_changed(self) -> None:
        """Forgets what was kept of the library, also what is being read of it right now, and tells every tab."""
        self._library, self._changed = None, object()
        self.events.publish()

    @property
    def stopped_until(self) -> str:
        """When Spotify takes calls again after a quota stop, as the clock shows it; empty when it takes them now."""
        try:
            moment = self.app.account.budget().stopped_until
        except CratewiseError:
            return ""  # the pages that need the account say what is wrong with it
        return "" if moment is None else shown_time(moment)

    def snapshot(self) -> Mapping[str, object]:
        """What every open tab is told."""
        job = self.jobs.latest
        return {"job": asdict(job) if job else None, "revision": self.library.revision, "choice": self.choice}

    @property
    def choice(self) -> str:
        """Another one means that somebody chose other genres, or changed another rule."""
        return hashlib.sha256(repr(workflows.current_rules(self.app)).encode()).hexdigest()[:12]

    def rules_changed(self) -> None:
        """Tells every tab that other rules are kept."""
        self.events.publish()

    def rules(self, genres: Sequence[str]) -> Rules:
        """The person's rules with these genres chosen; with none given, as they were last time."""
        return rules_for(self.app, genres)

    def choose(self, genres: Sequence[str]) -> ChoiceWords:
        """Keeps these genres as the person's choice, and says what it comes to.

        Raises:
            GenresError: One of them does not exist; nothing is kept.
            LibraryError: Nothing was synced yet.
        """
        chosen = tuple(dict.fromkeys(genres))
        rules = workflows.change_rules(self.app, lambda kept: replace(kept, genres=chosen))
        self.rules_changed()
        return self.words(self.outlook(rules), rules)

    def change_rules(self, changes: Mapping[str, Any]) -> ChoiceWords:
        """Keeps rules beside the choice of genres, and says what they come to.

        Args:
            changes: Fields of `Rules`.

        Raises:
            PlaylistsError: One cannot be kept; nothing is.
            LibraryError: Nothing was synced yet.
        """
        said = {name: conditions_of(changes[name]) for name in ("only", "without")}
        said["sources"] = tuple(workflows.source_called(self.app, one) for one in dict.fromkeys(changes["sources"]))
        rules = workflows.change_rules(self.app, lambda kept: replace(kept, **{**changes, **said}))
        self.rules_changed()
        return self.words(self.outlook(rules), rules)

    def kept_choice(self) -> ChoiceWords:
        """The genres that are chosen, and what they come to.

        Raises:
            LibraryError: Nothing was synced yet.
        """
        rules = workflows.current_rules(self.app)
        return self.words(self.outlook(rules), rules)

    def words(self, outlook: Outlook, rules: Rules) -> ChoiceWords:
        """What a choice comes to, in words."""
        families = frozenset(family.slug for family in self.app.taxonomy.families)
        return words_of(outlook, rules, families, self.choice)

    def plan(self, genres: Sequence[str]) -> Plan:
        """What would be written for these genres.

        Raises:
            UnfinishedRunError: A run is under way, or was stopped on the way.
        """
        return workflows.make_plan(self.app, self.rules(genres), draft=self.drafts)

    def outlook(self, rules: Rules) -> Outlook:
        """What the playlists of these rules hold once they are applied.

        Raises:
            LibraryError: Nothing was synced yet.
            GenresError: A chosen genre does not exist.
        """
        return workflows.count_outlook(self.drafts(self.app, rules))

    def refuse_under_way(self) -> None:
        """Makes sure that no run is being written or taken back.

        Raises:
            JobBusyError: One is.
        """
        job = self.jobs.latest
        if job is not None and job.is_active and job.kind in {"apply", "playlist", "resume", "undo"}:
            doing = "taken back" if job.kind == "undo" else "written"
            raise JobBusyError(f"Your playlists are being {doing} right now.", hint="Wait until that is done.")

    def start_apply(self, plan_id: str, genres: Sequence[str]) -> JobState:
        """Starts writing the plan that the person saw; its genres are the choice from now on, until the next one.

        Raises:
            GenresError: One of the genres does not exist.
            JobBusyError: Another job is still running.
            StalePlanError: The same genres now come to another plan; nothing is written, and nothing kept.
        """
        self.refuse_busy()
        try:
            plan = seen_plan(self.app, plan_id, genres)
        except StalePlanError:
            self.drafts.forget()  # another program has changed what no look at the library shows
            raise
        after_run = self._newest_run()
        job = self.jobs.submit("apply", plan_id=plan_id, genres=list(genres), after_run=after_run)
        workflows.save_rules(self.app, plan.rules)
        self.rules_changed()
        return job

    def start_playlist(self, track_ids: Sequence[str], name: str) -> JobState:
        """Starts making one playlist of these liked songs.

        Raises:
            JobBusyError: Another job is still running.
            PlaylistsError: It cannot be made.
        """
        self.refuse_busy()
        plan = workflows.plan_of_songs(self.app, track_ids, name)
        songs, after_run = list(track_ids), self._newest_run()
        return self.jobs.submit("playlist", plan_id=plan.plan_id, songs=songs, name=name, after_run=after_run)

    def start_resume(self) -> JobState:
        """Starts writing what is missing of the run that was stopped on the way.

        Raises:
            JobBusyError: Another job is still running.
            PlaylistsError: No run was stopped.
        """
        self.refuse_busy()
        run = workflows.unfinished_run(self.app)
        if run is None:
            raise PlaylistsError("No run was stopped on the way.", hint="The history shows every run.")
        return self.jobs.submit("resume", run_id=run.run_id)

    def _newest_run(self) -> int:
        """Number of the run that was begun last, 0 before the first: those of what is ordered now come after it."""
        return max((run.run_id for run in workflows.history(self.app)), default=0)

    def _card(self, name: str) -> AccountCard:
        settings = self.app.settings
        if workflows.is_from_file(self.app):
            return AccountCard(name, "From a file", "/connect", "/settings", "Take them as files")
        if settings.spotify_api_url.startswith(SPOTIFY_API):
            return AccountCard(name, "Spotify account", SPOTIFY_LIKED, SPOTIFY_PLAYLISTS, "Open Spotify")
        url = settings.spotify_accounts_url
        return AccountCard(name, "Sandbox account", url, url, "Open the account")
