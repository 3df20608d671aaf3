"""What a person is asked to allow, by what it is for: reading first, writing when something is to be written."""

LIBRARY_READING = ("user-library-read",)
PLAYLIST_READING = ("playlist-read-private", "playlist-read-collaborative")
PLAYLIST_WRITING = ("playlist-modify-private", "playlist-modify-public")
PLAYLIST_REMOVING = ("user-library-modify", "user-follow-modify", "playlist-modify-public")

READING = LIBRARY_READING + PLAYLIST_READING
"""What reading the account, sorting it and seeing what would be written needs."""

WRITING = tuple(dict.fromkeys(PLAYLIST_WRITING + PLAYLIST_REMOVING))
"""What writing playlists needs: taking them back is part of it, and nobody should have to ask for an undo."""

SORTING = READING + WRITING
"""All that there is to ask for."""
