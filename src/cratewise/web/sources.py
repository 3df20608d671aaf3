"""The API of the sources: which may be asked, and the key of Last.fm, which goes in and never comes out."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from cratewise.app import Application
from cratewise.errors import SettingsError
from cratewise.sourcechoice import SourceName
from cratewise.web.desk import Work

router = APIRouter(prefix="/api")

NewKey = Annotated[SecretStr, Field(max_length=100)]


class SourcesWord(BaseModel):
    """What is chosen: a null stays as it is, an empty key is taken away."""

    model_config = ConfigDict(extra="forbid")

    sources: list[SourceName] | None = Field(default=None, max_length=3)
    lastfm_key: NewKey | None = None


class SourcesKept(BaseModel):
    """Which sources may be asked, whether there is a key, and what is set elsewhere and so cannot be chosen here."""

    sources: list[SourceName]
    has_key: bool
    fixed: list[str]


@router.put("/sources")
def choose_sources(workspace: Work, word: SourcesWord) -> SourcesKept:
    """Keeps which sources may be asked, and the key of Last.fm; the terminal uses the same."""
    key = word.lastfm_key
    if key is not None:
        stripped = key.get_secret_value().strip()
        if not stripped.isascii() or not all(one.isalnum() for one in stripped):
            raise SettingsError(
                "That is no key of Last.fm.", hint="It is 32 letters and digits; copy it from its page."
            )
        key = SecretStr(stripped)
    workspace.app.choose_sources(None if word.sources is None else tuple(word.sources), key)
    return sources_of(workspace.app)


def sources_of(app: Application) -> SourcesKept:
    """What is chosen now."""
    settings = app.settings
    has_key = settings.lastfm_key is not None and bool(settings.lastfm_key.get_secret_value())
    fixed = sorted({"sources", "lastfm_key"} & settings.fixed)
    return SourcesKept(sources=list(settings.sources), has_key=has_key, fixed=fixed)
