"""The person's library: liked songs, and taking playlists out of it."""

from cratewise.spotify.endpoints.limits import PAGE, page_query
from cratewise.spotify.reading import read_nothing, read_saved_tracks
from cratewise.spotify.request import Call, Request
from cratewise.spotify.scopes import LIBRARY_READING, PLAYLIST_REMOVING
from cratewise.spotify.values import Page, SavedItem


def saved_tracks(offset: int = 0, limit: int = PAGE) -> Call[Page[SavedItem]]:
    """Liked songs, the latest first. `market` stays out, since it would put other tracks in place of some."""
    request = Request("GET", "/me/tracks", params=page_query(offset, limit), scopes=LIBRARY_READING, repeatable=True)
    return Call(request, lambda body: read_saved_tracks(body, offset, limit))


def unfollow_playlist(playlist_id: str) -> Call[None]:
    """Takes a playlist out of the library, which is all that deleting one means at Spotify."""
    request = Request(
        "DELETE", "/me/library", params={"uris": f"spotify:playlist:{playlist_id}"}, scopes=PLAYLIST_REMOVING
    )
    return Call(request, read_nothing)
