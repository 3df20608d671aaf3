"""The Web API under `/v1`: the calls that work, and those that Spotify took away, which answer 403."""

from fastapi import APIRouter

from cratewise.spotify.sandbox import library_calls, playlist_calls, playlist_item_calls, search_calls
from cratewise.spotify.sandbox.authorisation import allowed
from cratewise.spotify.sandbox.refusals import RefusalError

# Gone for apps in development mode: since November 2024 the statistics, since February 2026 the rest.
REMOVED_CALLS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("/audio-features", ("GET",)),
    ("/audio-features/{id}", ("GET",)),
    ("/audio-analysis/{id}", ("GET",)),
    ("/recommendations", ("GET",)),
    ("/recommendations/available-genre-seeds", ("GET",)),
    ("/tracks", ("GET",)),
    ("/artists", ("GET",)),
    ("/albums", ("GET",)),
    ("/shows", ("GET",)),
    ("/episodes", ("GET",)),
    ("/audiobooks", ("GET",)),
    ("/chapters", ("GET",)),
    ("/artists/{id}/top-tracks", ("GET",)),
    ("/artists/{id}/related-artists", ("GET",)),
    ("/browse/{rest:path}", ("GET",)),
    ("/markets", ("GET",)),
    ("/users/{rest:path}", ("GET", "POST")),
    ("/playlists/{id}/tracks", ("GET", "POST", "PUT", "DELETE")),
    ("/playlists/{id}/followers", ("PUT", "DELETE")),
    ("/playlists/{id}/followers/contains", ("GET",)),
    ("/me/tracks", ("PUT", "DELETE")),
    ("/me/tracks/contains", ("GET",)),
    ("/me/albums", ("PUT", "DELETE")),
    ("/me/albums/contains", ("GET",)),
    ("/me/episodes", ("PUT", "DELETE")),
    ("/me/episodes/contains", ("GET",)),
    ("/me/shows", ("PUT", "DELETE")),
    ("/me/shows/contains", ("GET",)),
    ("/me/audiobooks", ("PUT", "DELETE")),
    ("/me/audiobooks/contains", ("GET",)),
    ("/me/following", ("PUT", "DELETE")),
    ("/me/following/contains", ("GET",)),
)


def removed_call() -> None:
    """Answers as Spotify does for a call that it took away."""
    raise RefusalError(403, "Forbidden")


def api_router() -> APIRouter:
    """All calls; each needs a good token, the removed ones too."""
    router = APIRouter(prefix="/v1")
    for calls in (library_calls, playlist_calls, playlist_item_calls, search_calls):
        router.include_router(calls.router)
    for path, methods in REMOVED_CALLS:
        router.add_api_route(path, removed_call, methods=list(methods), dependencies=[allowed()])
    return router
