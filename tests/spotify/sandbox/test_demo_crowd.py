from cratewise.spotify.sandbox.demo import demo_account
from cratewise.spotify.sandbox.demo_crowd import demo_account_of


def test_the_first_account_is_the_demo_account() -> None:
    """Whoever runs one account sees what they always saw."""
    assert demo_account_of(1) == demo_account()


def test_every_account_is_somebody_elses_with_other_songs() -> None:
    """Persons, account ids and playlist ids are never shared; of the songs each leaves out others."""
    accounts = [demo_account_of(number) for number in range(1, 45)]
    assert len({account.person.id for account in accounts}) == 44
    assert len({account.person.display_name for account in accounts}) == 44
    assert len({account.account_id for account in accounts}) == 44
    playlists = [id_ for account in accounts for id_ in account.playlists]
    assert len(set(playlists)) == len(playlists) > 44
    assert len({account.saved for account in accounts}) == 44
    assert all(400 < len(account.saved) < len(accounts[0].saved) for account in accounts[1:])
    assert all(playlist.owner == account.person for account in accounts for playlist in account.playlists.values())
    added_by = {entry.added_by for playlist in accounts[7].playlists.values() for entry in playlist.entries}
    assert added_by == {accounts[7].person.id}


def test_an_account_has_as_many_songs_as_wanted() -> None:
    """Fewer or more than the demo library has, newest first, none twice, and all of them in the catalogue."""
    for n_songs in (0, 1, 480, 2_000):
        for number in (1, 2):
            account = demo_account_of(number, n_songs)
            assert len({saved.uri for saved in account.saved}) == len(account.saved) == n_songs
            assert list(account.saved) == sorted(account.saved, key=lambda liked: liked.added_at, reverse=True)
            assert all(saved.uri in account.items for saved in account.saved)
            on_hand = [entry.uri for playlist in account.playlists.values() for entry in playlist.entries]
            assert all(uri is None or uri in account.items for uri in on_hand)


def test_the_same_number_gives_the_same_songs_on_every_machine() -> None:
    """Which are liked depends on the number and the songs alone; no two songs have one title on one album."""
    account = demo_account_of(3, 2_000)
    assert [saved.uri for saved in account.saved[:2]] == [
        "spotify:track:sX0XBuCm9LN3MfPh8xvcGK",
        "spotify:track:MNZo8r1JsO9j0MZiPRlve3",
    ]
    items = [account.items[saved.uri] for saved in account.saved]
    names = {(item.name, item.artists, item.album) for item in items}
    assert len(names) == len(items)


def test_accounts_share_their_catalogue() -> None:
    """A further account costs the list of its likes and no more: the songs and the likes themselves are one for all."""
    one, other = demo_account_of(2, 2_000), demo_account_of(3, 2_000)
    assert one.items is other.items
    known = {id(saved) for saved in one.saved}
    assert sum(id(saved) in known for saved in other.saved) > 1_500
