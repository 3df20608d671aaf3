"""Spotify as it is in late 2026: logging in, the few calls this program needs, and a local stand-in for both."""
