"""Files in the browser: a person's songs from one, and the library or its playlists into some."""

import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from cratewise import workflows
from cratewise.exports.files import FORMATS, file_name
from cratewise.jobs.state import JobState
from cratewise.jobs.uploads import Upload
from cratewise.web.desk import Work, workspace_of
from cratewise.web.errors import NotFoundError
from cratewise.wholefile import unwritable

router = APIRouter(prefix="/api")

MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "m3u8": "application/vnd.apple.mpegurl",
    "jspf": "application/jspf+json",
    "zip": "application/zip",
}
"""What each format is sent as; what the machine's own tables say of an ending differs from one to the next."""

_NAME = "cratewise"
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_SENT = {"requestBody": {"required": True, "content": {"application/octet-stream": _BYTES}}}
_GIVEN: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file",
        "content": {one: {"schema": {}} if one.endswith("json") else _BYTES for one in MEDIA_TYPES.values()},
    }
}


@router.post("/jobs/import", status_code=202, openapi_extra=_SENT)
async def start_import(workspace: Work, request: Request, name: Annotated[str, Query(max_length=200)]) -> JobState:
    """Starts taking a file of songs into the library and sorting them; the file is the request's body."""
    await run_in_threadpool(workspace.refuse_busy)  # before a long file is sent for nothing
    folder = workspace.app.settings.data_dir
    try:
        with tempfile.TemporaryFile(dir=folder) as content:  # without a name: gone however the process ends
            async for part in request.stream():
                content.write(part)
            content.seek(0)
            workspace = await run_in_threadpool(workspace_of, request)  # a file takes a while: whose browser is it now?
            upload = Upload(file_name(name), content)
            return await run_in_threadpool(workspace.jobs.submit, "import", upload, name=upload.name)
    except OSError as error:
        raise unwritable(folder, error) from error


@router.get("/export/{form}", response_class=FileResponse, responses=_GIVEN)
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
    return FileResponse(path, media_type=MEDIA_TYPES[path.suffix[1:]], filename=path.name, background=tidy)
