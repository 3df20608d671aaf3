"""The person's library: what is known about their songs, kept in a database."""
