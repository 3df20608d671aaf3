"""Files in the browser: a person's songs from one, and the library or its playlists into some."""

import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from cratewise import workflows
from cratewise.exports.files import FORMATS, file_name
from cratewise.progress import Progress
from cratewise.web.api import Work
from cratewise.web.errors import NotFoundError
from cratewise.web.jobs import JobState, Result
from cratewise.web.workspace import Workspace

router = APIRouter(prefix="/api")

_NAME = "cratewise"


@router.post("/jobs/import", status_code=202)
async def start_import(workspace: Work, request: Request, name: Annotated[str, Query(max_length=200)]) -> JobState:
    """Starts taking a file of songs into the library and sorting them; the file is the request's body."""
    workspace.refuse_busy()
    folder = Path(tempfile.mkdtemp(prefix="cratewise-"))
    try:
        path = folder / file_name(name)
        with path.open("wb") as file:
            async for part in request.stream():
                file.write(part)
        return workspace.jobs.submit("import", lambda progress: _import(workspace, path, progress))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


@router.get("/export/{form}", response_class=FileResponse)
def export(workspace: Work, form: str, *, by_genre: bool = False) -> Response:
    """The library as a file; `by_genre` packs a file for each playlist that the rules ask for into a ZIP archive."""
    if form not in FORMATS:
        raise NotFoundError(f"There is no format “{form}”.", hint=f"Choose one of {', '.join(FORMATS)}.")
    folder = Path(tempfile.mkdtemp(prefix="cratewise-"))
    try:
        if by_genre:
            path = folder / f"{_NAME}-playlists.zip"
            files = workflows.export_playlists(workspace.app, folder / "playlists", form)
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
                for one in files:
                    packed.write(one.path, one.path.name)
        else:
            path = folder / f"{_NAME}.{form}"
            workflows.export_library(workspace.app, path)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    tidy = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    return FileResponse(path, filename=path.name, background=tidy)


def _import(workspace: Workspace, path: Path, progress: Progress) -> Result:
    """Imports a file and sorts its songs; the file is gone afterwards, whatever happens."""
    try:
        progress(f"Reading {path.name}", 0, None)
        found = workflows.import_file(workspace.app, path)
    finally:
        shutil.rmtree(path.parent, ignore_errors=True)
    workflows.classify_library(workspace.app, progress)
    songs = "1 song" if found.found == 1 else f"{found.found:,} songs"
    what = f"{found.added:,} of them new" if found.takes_songs else f"{found.known:,} of them among your liked songs"
    return {"next": "/", "told": [f"{path.name}: {songs}, {what}.", *found.notes]}
