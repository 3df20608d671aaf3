"""The library as files: written for people and other programs, and read back."""
