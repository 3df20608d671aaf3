"""The pages: each is read from the workflows and rendered whole, so that a reload is always right."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from cratewise import workflows
from cratewise.errors import CratewiseError
from cratewise.exports.files import FORMATS
from cratewise.playlists.rules import LONGEST_NAME
from cratewise.playlists.runs import Run
from cratewise.spotify.errors import LoginRequired
from cratewise.web.api import Genres
from cratewise.web.choice import cards_of, without_switch
from cratewise.web.covers import VARIANTS, draw_cover
from cratewise.web.desk import Work, desk_of, workspace_of
from cratewise.web.errors import NotFoundError, explained
from cratewise.web.genres import gone_genres, names_of_playlists
from cratewise.web.reasons import shared_by
from cratewise.web.rendering import Renderer
from cratewise.web.sources import sources_of
from cratewise.web.upkeep import ScheduleKept, schedule_of
from cratewise.web.workspace import NEWEST, Workspace
from cratewise.workflows import UnfinishedRunError

COVER_CACHE = "public, max-age=86400"

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)


class View:
    """Renders pages with what all of them show."""

    def __init__(self, request: Request, workspace: Annotated[Workspace, Depends(workspace_of)]) -> None:
        self._request = request
        self._workspace = workspace

    def page(self, template: str, here: str, **values: Any) -> Response:
        """The page `template`, with `here` as the current entry of the navigation."""
        workspace = self._workspace
        values.setdefault("account", workspace.account)
        query = self._request.url.query
        values["logged_in"] = workspace.may()
        desk = desk_of(self._request)
        values["is_host"] = desk.is_host
        values["has_passphrase"] = workspace.app.settings.is_open and not desk.is_host
        values["is_from_file"] = workflows.is_from_file(workspace.app)
        values["stopped_until"] = workspace.stopped_until
        values["address"] = self._request.url.path + (f"?{query}" if query else "")
        renderer: Renderer = self._request.app.state.renderer
        return renderer.page(
            self._request, template, here=here, job=workspace.jobs.latest, revision=workspace.library.revision, **values
        )


INTERVALS = {"off": "Off", "6h": "Every 6 hours", "1d": "Every day", "7d": "Every week"}
SOURCES = {
    "reccobeats": "What songs sound like. It is told their ids and recording codes.",
    "musicbrainz": "What people call the artists. It is told their ids and names.",
    "lastfm": "What people call the artists. It is told their names, and needs a key of your own.",
}
ORDERS = {
    "added": "Newest liked first",
    "name": "By title",
    "artist": "By artist",
    "energy": "Calm, loud, calm (where the energy is known)",
}
Show = Annotated[View, Depends(View)]


@router.get("/")
def show_overview(workspace: Work, show: Show) -> Response:
    """The library at a glance, or what has to be done before there is one."""
    overview = workspace.library.overview
    if overview.synced_at is None:
        try:
            look = workspace.first_look
        except LoginRequired:
            return RedirectResponse("/connect", status_code=303)
        except CratewiseError as problem:
            message, hint, _ = explained(problem)
            return show.page("trouble.html", "/", message=message, hint=hint)
        return show.page(
            "unsorted.html", "/", account=look.account, songs=look.liked, newest=look.newest,
            warning=workflows.warning(workspace.app, workflows.reading_calls(look.liked)),
        )  # fmt: skip
    if overview.songs == overview.unclassified:
        newest = [(row.title, row.artists) for row in workspace.library.songs[:NEWEST]]
        return show.page("unsorted.html", "/", songs=overview.songs, newest=newest, warning="")
    return show.page(
        "overview.html",
        "/",
        overview=overview,
        sureness=workspace.library.sureness[""],
        doubles=workspace.library.doubles,
        left_aside=workspace.library.left_aside,
        playlists=workflows.managed_playlists(workspace.app),
        unfinished=workflows.unfinished_run(workspace.app),
        newest=workspace.library.songs[:6],
        new=workspace.library.new,
        origins=workspace.library.origins,
    )


@router.get("/genres")
def show_genres(workspace: Work, show: Show, genres: Genres = []) -> Response:  # noqa: B006 - FastAPI copies it
    """The genres of the library, each with a switch: whether it gets a playlist."""
    library, made = workspace.library, workflows.genre_changes(workspace.app)
    overview = library.overview
    if not overview.families and not made:
        return show.page("empty.html", "/genres", what="Genres")
    rules = workspace.rules(genres)
    outlook = workspace.outlook(rules)
    cards, few = cards_of(overview, outlook)
    return show.page(
        "genres.html", "/genres", rules=rules, cards=cards, few=few, kept=without_switch(rules, cards),
        words=workspace.words(outlook, rules), sureness=library.sureness,
        gone=gone_genres(made, workflows.genre_names(workspace.app), outlook),
        playlists=names_of_playlists(workspace.app),
        left=workflows.left_playlists(workspace.app, workflows.shown_genres(workspace.app)),
        choices=workflows.genre_choices(workspace.app), longest_name=workflows.LONGEST_GENRE_NAME,
    )  # fmt: skip


@router.get("/settings")
def show_settings(workspace: Work, show: Show) -> Response:
    """What goes into playlists, how new ones look, where knowledge comes from, and the library as files."""
    if workspace.library.overview.synced_at is None:
        return show.page("empty.html", "/settings", what="Settings")
    rules = workspace.rules(())
    chosen = "" if rules.several_above is None else f"{rules.several_above:g}"
    shares = sorted({"0.2", "0.3", "0.4", "0.5", *filter(None, [chosen])})
    several = [
        ("", "only in its best playlist"),
        *((one, f"also in those it fits to {float(one):.0%}") for one in shares),
    ]
    chosen_sources = sources_of(workspace.app)
    asked = [one for one in chosen_sources.sources if one != "lastfm" or chosen_sources.has_key]
    asks = [workflows.source_title(one) for one in asked]
    try:
        schedule, problem = schedule_of(workspace.app), None
    except CratewiseError as damage:  # the rest of the page works without it
        schedule, problem = ScheduleKept(every="off"), damage
    return show.page(
        "settings.html", "/settings", rules=rules, several=several, chosen_several=chosen, orders=ORDERS.items(),
        own=[one for one in workflows.own_playlists(workspace.app) if not one.is_managed],
        origins=workspace.library.origins, chosen=chosen_sources, asks=asks,
        schedule=schedule, schedule_problem=problem, intervals=INTERVALS.items(),
        askable=[(one, workflows.source_title(one), words) for one, words in SOURCES.items()],
        formats=FORMATS, known=workflows.look_at_known(workspace.app),
    )  # fmt: skip


@router.get("/songs")
def show_songs(workspace: Work, show: Show, family: str = "") -> Response:
    """Every song; the browser fetches the rows and shows those in view."""
    overview = workspace.library.overview
    if not overview.songs:
        return show.page("empty.html", "/songs", what="Songs")
    seen, shown = workspace.library.sureness, workflows.shown_genres(workspace.app)
    names = workflows.genre_names(workspace.app)
    hidden = [(slug, name) for slug, name in names.items() if slug in seen and slug not in shown]
    return show.page(
        "songs.html", "/songs", overview=overview, family=family, hidden=hidden,
        choices=workflows.genre_choices(workspace.app), may_write=workspace.may(write=True), longest_name=LONGEST_NAME,
    )  # fmt: skip


@router.get("/map")
def show_map(workspace: Work, show: Show) -> Response:
    """Every song as a point; the browser draws them."""
    overview = workspace.library.overview
    if not overview.families:
        return show.page("empty.html", "/map", what="Map")
    return show.page(
        "map.html", "/map", overview=overview, choices=workflows.genre_choices(workspace.app),
        may_write=workspace.may(write=True), longest_name=LONGEST_NAME,
    )  # fmt: skip


@router.get("/review")
def show_review(workspace: Work, show: Show) -> Response:
    """The songs whose genre is least certain, one after the other; the browser fetches them."""
    if workspace.library.overview.songs == workspace.library.overview.unclassified:
        return show.page("empty.html", "/review", what="Review")
    return show.page("review.html", "/review", choices=workflows.genre_choices(workspace.app))


@router.get("/preview")
def show_preview(workspace: Work, show: Show, genres: Genres = []) -> Response:  # noqa: B006 - FastAPI copies it
    """Exactly what would be written for the chosen genres."""
    overview = workspace.library.overview
    if not overview.families:
        return show.page("empty.html", "/genres", what="Preview")
    try:
        plan = workspace.plan(genres)
    except UnfinishedRunError as stopped:
        return RedirectResponse(f"/history/{stopped.run_id}", status_code=303)
    return show.page(
        "preview.html", "/genres", plan=plan, shared=shared_by(plan), may_write=workspace.may(write=True),
        left=workflows.left_playlists(workspace.app, plan.rules.genres), left_aside=workspace.library.left_aside,
        warning=workflows.warning(workspace.app, workflows.apply_calls(plan)),
    )  # fmt: skip


@router.get("/history")
def show_history(workspace: Work, show: Show) -> Response:
    """Every run, newest first."""
    runs = workflows.history(workspace.app)
    return show.page("history.html", "/history", runs=runs, undoable=_undoable(runs))


@router.get("/history/{run_id}")
def show_run(workspace: Work, show: Show, run_id: Annotated[int, Path(ge=1, le=2**53)]) -> Response:
    """One run: its playlists with their addresses, and the way back."""
    runs = workflows.history(workspace.app)
    for run in runs:
        if run.run_id == run_id:
            calls = workflows.resume_calls(run) if run.state == "applying" else workflows.undo_calls(run)
            return show.page(
                "run.html", "/history", run=run, undoable=_undoable(runs),
                warning=workflows.warning(workspace.app, calls),
            )  # fmt: skip
    raise NotFoundError(f"There is no run {run_id}.", hint="Those there are stand under History.")


@router.get("/covers/{slug}/{variant}.svg")
def draw(workspace: Work, slug: str, variant: Annotated[int, Path(ge=0, lt=VARIANTS)]) -> Response:
    """Cover art of a genre; of "unsorted", in the colours of all of them."""
    taxonomy = workspace.app.taxonomy
    if slug == "unsorted":
        colour = taxonomy.families[variant * 7 % len(taxonomy.families)].colour
    else:
        colour = taxonomy.family_of(slug).colour
    picture = draw_cover(colour, f"{slug}/{variant}")
    return Response(picture, media_type="image/svg+xml", headers={"Cache-Control": COVER_CACHE})


@router.get("/genres.css")
def colour_genres(request: Request, v: Annotated[str, Query()] = "") -> Response:
    """The genres' colours; `v` only makes the address change with them."""
    renderer: Renderer = request.app.state.renderer
    return Response(renderer.genres_css, media_type="text/css", headers={"Cache-Control": COVER_CACHE})


def _undoable(runs: tuple[Run, ...]) -> int | None:
    """The newest run that is in effect: the one that the account shows, and the only one that can be undone."""
    return next((run.run_id for run in runs if run.state != "undone"), None)
