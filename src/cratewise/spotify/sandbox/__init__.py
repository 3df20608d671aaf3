"""A local stand-in for Spotify: the part of its Web API and login that cratewise uses, over real HTTP."""
