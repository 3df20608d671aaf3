"""The Spotify Tracks Dataset: fetching, reading, cleaning and splitting it."""
