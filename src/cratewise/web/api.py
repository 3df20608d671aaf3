"""The JSON that the pages use, under /api. Every error has one shape: `{"error": {"message", "hint"}}`."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Body, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, StrictBool, StrictFloat, StrictInt

from cratewise import workflows
from cratewise.classification import LEAST_OTHER
from cratewise.jobs.state import JobState
from cratewise.playlists.plan import PlaylistChange, SongRef
from cratewise.playlists.rules import LONGEST_NAME, Order
from cratewise.web.choice import ChoiceWords
from cratewise.web.cookies import is_encrypted
from cratewise.web.desk import AtDesk, Work
from cratewise.web.errors import NotFoundError
from cratewise.web.workspace import Workspace

THEME_COOKIE = "theme"
THEMES = ("auto", "dark", "light")
A_YEAR_S = 31_536_000

router = APIRouter(prefix="/api")


Genres = Annotated[list[str], Query(alias="genre", max_length=500)]


class ErrorText(BaseModel):
    """What went wrong and what to do."""

    message: str
    hint: str


class ErrorBody(BaseModel):
    """The shape of every error."""

    error: ErrorText


_STREAM: dict[str, Any] = {
    "description": "Events named `state`, each with that as JSON; `left` or `full` as the last",
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}


class State(BaseModel):
    """What a tab reads first and hears of later."""

    job: JobState | None
    revision: str
    choice: str


SongColumns = Annotated[list[str | list[str] | int], Field(min_length=11, max_length=11)]


class Songs(BaseModel):
    """Every liked song, as rows without keys: many are sent at once."""

    genres: dict[str, str]
    songs: list[SongColumns]


class SortOrder(BaseModel):
    """The genres of the preview to go back to afterwards."""

    preview: list[str] = Field(max_length=500)


class ApplyOrder(BaseModel):
    """The plan a person saw, and the genres it was made for."""

    plan_id: str
    genres: list[str] = Field(max_length=500)


class PlaylistOrder(BaseModel):
    """Liked songs that are to be a playlist, and its name."""

    name: str = Field(max_length=LONGEST_NAME)
    songs: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(min_length=1, max_length=20_000)


class Choice(BaseModel):
    """The genres that get a playlist."""

    genres: list[str] = Field(max_length=500)


Share = StrictFloat | StrictInt
Condition = Annotated[str, Field(max_length=100)]


class RulesChoice(BaseModel):
    """What goes into playlists and how new ones look (see `playlists.rules.Rules`); the genres stay as they are."""

    least_confidence: Share = Field(ge=0, le=1)
    least_songs: StrictInt = Field(ge=1, le=10_000)
    several_above: Share | None = Field(ge=LEAST_OTHER, le=1)
    only: list[Condition] = Field(max_length=20)
    without: list[Condition] = Field(max_length=20)
    sources: list[Annotated[str, Field(max_length=100)]] = Field(max_length=100)
    order: Order
    name_template: str = Field(max_length=100)
    description_template: str = Field(max_length=300)
    covers: StrictBool
    public: StrictBool
    keep_unliked: StrictBool
    remake_deleted: StrictBool


class UndoOrder(BaseModel):
    """The run to take back."""

    run_id: StrictInt = Field(ge=1, le=2**53)


class UndoWords(BaseModel):
    """Names of the playlists that would go and of those that would be as before, and sentences on what would stay."""

    deleted: tuple[str, ...]
    restored: tuple[str, ...]
    kept: tuple[str, ...]


class ThemeChoice(BaseModel):
    """How the pages look."""

    theme: Literal["auto", "dark", "light"]


class ChangeSongs(BaseModel):
    """The songs of one change."""

    adds: tuple[SongRef, ...]
    removes: tuple[SongRef, ...]


@router.get("/state")
def read_state(workspace: Work) -> State:
    """The running or latest job, the revision of what the pages show, and that of the rules."""
    return State(job=workspace.jobs.latest, revision=workspace.library.revision, choice=workspace.choice)


@router.get("/events", response_class=StreamingResponse, responses={200: _STREAM})
async def read_events(workspace: Work, desk: AtDesk, request: Request) -> StreamingResponse:
    """The same state now and after each change, as server-sent events, until the browser is logged out (`left`) or
    newer streams took the places (`full`)."""
    stream = workspace.events.stream(desk.admission(request))
    return StreamingResponse(stream, media_type="text/event-stream")


@router.get("/songs", responses={200: {"model": Songs}, 304: {"description": "As the browser has them"}})
def read_songs(workspace: Work, if_none_match: Annotated[str, Header()] = "") -> Response:
    """Every liked song: `genres` (slug to name) and `songs`, rows of title, artists, album, genre, family, confidence
    in percent, flags (1 unsure, 2 no longer available, 4 unknown, 8 said by a person), when it was liked (Unix
    seconds), the classifier's reason, the address of a cover, and its id."""
    library = workspace.library
    headers = {"ETag": f'"{library.version}"', "Cache-Control": "private, no-cache"}
    if library.version in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(library.songs_json, media_type="application/json", headers=headers)


@router.get("/map")
def read_map(workspace: Work) -> Mapping[str, tuple[int, int]]:
    """The place of each liked song by its id, each coordinate from -1000 to 1000; like songs are neighbours."""
    places = workspace.places.of_liked(workspace.app)
    return {track_id: (round(x * 1000), round(y * 1000)) for track_id, (x, y) in places.items()}


@router.get("/plan/{genre}")
def read_change(workspace: Work, genre: str, genres: Genres = []) -> ChangeSongs:  # noqa: B006 - FastAPI copies it
    """The songs that would go into and out of one genre's playlist; refused while playlists are written."""
    workspace.refuse_under_way()
    change = _change_of(workspace, genre, genres)
    return ChangeSongs(adds=change.adds, removes=change.removes)


@router.post("/jobs/sort", status_code=202)
def start_sort(workspace: Work, order: SortOrder | None = None) -> JobState:
    """Starts reading the account and sorting its songs."""
    query = urlencode([("genre", slug) for slug in order.preview], errors="replace") if order else ""
    following = "/" if order is None else f"/preview?{query}" if query else "/preview"
    return workspace.jobs.submit("sort", following=following)


@router.post("/jobs/playlists", status_code=202)
def start_reading_playlists(workspace: Work) -> JobState:
    """Starts reading the person's own playlists, as far as they changed."""
    return workspace.jobs.submit("playlists")


@router.post("/jobs/enrich", status_code=202)
def start_enriching(workspace: Work) -> JobState:
    """Starts asking the sources that are switched on what the songs sound like and what people call the artists."""
    return workspace.jobs.submit("enrich")


@router.post("/jobs/apply", status_code=202)
def start_apply(workspace: Work, order: ApplyOrder) -> JobState:
    """Starts writing the plan with that id, for those genres."""
    return workspace.start_apply(order.plan_id, order.genres)


@router.post("/jobs/playlist", status_code=202)
def start_playlist(workspace: Work, order: PlaylistOrder) -> JobState:
    """Starts making one playlist of liked songs, beside those of the rules."""
    return workspace.start_playlist(order.songs, order.name)


@router.post("/jobs/resume", status_code=202)
def start_resume(workspace: Work) -> JobState:
    """Starts writing what is missing of a run that was stopped on the way."""
    return workspace.start_resume()


@router.post("/jobs/undo", status_code=202)
def start_undo(workspace: Work, order: UndoOrder) -> JobState:
    """Starts taking the newest run back."""
    return workspace.jobs.submit("undo", run_id=order.run_id)


@router.post("/jobs/stop")
def stop_job(workspace: Work) -> State:
    """Asks the running job to stop at its next step."""
    workspace.jobs.stop()
    return read_state(workspace)


@router.get("/history/{run_id}/undo")
def read_undo(workspace: Work, run_id: Annotated[int, Path(ge=1, le=2**53)]) -> UndoWords:
    """What taking the newest run back would do; the account is asked, and nothing is written."""
    workspace.refuse_busy()
    result = workflows.look_at_undo(workspace.app, run_id).result
    return UndoWords(deleted=result.deleted, restored=result.restored, kept=result.kept)


@router.get("/choice")
def read_choice(workspace: Work) -> ChoiceWords:
    """The genres that get a playlist, and what they come to."""
    return workspace.kept_choice()


@router.put("/choice")
def keep_choice(workspace: Work, choice: Choice) -> ChoiceWords:
    """Keeps the genres that get a playlist, and says what they come to: nothing is written to the account."""
    return workspace.choose(choice.genres)


@router.put("/rules")
def keep_rules(workspace: Work, rules: RulesChoice) -> ChoiceWords:
    """Keeps the rules, and says what they come to: nothing is written to the account."""
    return workspace.change_rules(rules.model_dump())


@router.put("/theme")
def choose_theme(choice: Annotated[ThemeChoice, Body()], request: Request, response: Response) -> Mapping[str, str]:
    """Remembers how the pages look, in a cookie."""
    response.set_cookie(
        THEME_COOKIE, choice.theme, max_age=A_YEAR_S, httponly=True, samesite="strict", secure=is_encrypted(request)
    )
    return {"theme": choice.theme}


def _change_of(workspace: Workspace, genre: str, genres: list[str]) -> PlaylistChange:
    for change in workspace.plan(genres).changes:
        if change.genre == genre:
            return change
    raise NotFoundError(f"Nothing would change for “{genre}”.", hint="Open the preview again.")
