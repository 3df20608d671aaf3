"""Genre playlists: planned in full, applied safely, undone at will."""
