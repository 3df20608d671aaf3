"""Which sources there are."""

from pydantic import SecretStr

from cratewise.settings import Settings
from cratewise.sources.online import PUBLIC, online_sources


def names(*asked: str, key: SecretStr | None = None) -> list[str]:
    """The names of the sources that are made."""
    with online_sources(asked, lastfm_key=key) as opened:
        return [one.name for one in opened.statistics] + [one.name for one in opened.tags]


def test_only_those_named_are_made() -> None:
    """A person decides who is told what they listen to."""
    assert names() == []
    assert names("musicbrainz") == ["musicbrainz"]
    assert names(*Settings.model_fields["sources"].default, key=SecretStr("k")) == [
        "reccobeats",
        "musicbrainz",
        "lastfm",
    ]


def test_lastfm_needs_a_key() -> None:
    """Without a key, or with an empty one, it is left out."""
    assert names("lastfm") == names("lastfm", key=SecretStr("")) == []


def test_the_public_addresses_are_encrypted() -> None:
    """Nobody on the way reads or changes what is asked."""
    for address in (PUBLIC.reccobeats, PUBLIC.musicbrainz, PUBLIC.lastfm):
        assert address.startswith("https://")
