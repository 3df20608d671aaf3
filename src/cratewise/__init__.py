"""cratewise sorts the liked songs of a Spotify account into genre playlists."""

__version__ = "0.1.0"
