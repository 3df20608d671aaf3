"""What a person is asked to allow, by what it is for: reading first, writing when something is to be written."""

LIBRARY_READING = ("user-library-read",)
PLAYLIST_READING = ("playlist-read-private", "playlist-read-collaborative")
PLAYLIST_WRITING = ("playlist-modify-private", "playlist-modify-public")
COVER_WRITING = ("ugc-image-upload",)
PLAYLIST_REMOVING = ("user-library-modify", "user-follow-modify", "playlist-modify-public")

READING = LIBRARY_READING + PLAYLIST_READING
"""What reading the account, sorting it and seeing what would be written needs."""

WRITING = tuple(dict.fromkeys(PLAYLIST_WRITING + PLAYLIST_REMOVING + COVER_WRITING))
"""What writing playlists needs: their covers, and taking them back, for nobody should have to ask for an undo."""

SORTING = READING + WRITING
"""All that there is to ask for."""
