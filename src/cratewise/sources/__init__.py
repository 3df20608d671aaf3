"""Where tracks, their statistics and their tags come from besides Spotify."""
