"""What a person is asked to allow, by what it is for."""

LIBRARY_READING = ("user-library-read",)
PLAYLIST_READING = ("playlist-read-private", "playlist-read-collaborative")
PLAYLIST_WRITING = ("playlist-modify-private", "playlist-modify-public")
PLAYLIST_REMOVING = ("user-library-modify", "user-follow-modify", "playlist-modify-public")

SORTING = tuple(dict.fromkeys(LIBRARY_READING + PLAYLIST_READING + PLAYLIST_WRITING + PLAYLIST_REMOVING))
"""All that sorting a library into playlists, and undoing it, needs."""
