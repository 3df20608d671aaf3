"""What several processes change at one moment is decided in the database."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from tests.hosting.conftest import Hosting

from cratewise.hosting.host import Host
from cratewise.spotify.scopes import READING, SORTING
from cratewise.spotify.tokens import Tokens

ADA = "ada"
FIRST = Tokens("access-1", "refresh-1", 1e9, SORTING, "a" * 32, 0.0)


def test_renewed_tokens_replace_those_they_were_renewed_from_and_no_others(hosting: Hosting) -> None:
    """After a logout nothing is kept, not even what was allowed; after a new login, that one."""
    logins, elsewhere = (hosting.host.spotify(ADA).logins for _ in range(2))
    logins.save(ADA, FIRST)
    second = replace(FIRST, access_token="access-2", scopes=READING)
    assert logins.replace(ADA, FIRST, second)
    assert (logins.load(ADA), logins.permissions()) == (second, READING)
    hosting.host.forget(ADA)
    assert not elsewhere.replace(ADA, second, FIRST)
    assert hosting.host.drawer(ADA).names() == ()
    third = replace(FIRST, refresh_token="another login")
    logins.save(ADA, third)
    assert not elsewhere.replace(ADA, second, FIRST)
    assert not elsewhere.replace(ADA, second, None)
    assert logins.load(ADA) == third


def test_of_many_that_replace_the_same_one_does(hosting: Hosting) -> None:
    """Also where there was nothing before."""
    with Host(hosting.settings) as elsewhere:
        drawers = [host.drawer(ADA) for host in (hosting.host, elsewhere)] * 4
        before: bytes | None = None
        for turn in range(5):
            contents = [f"{turn}.{number}".encode() for number in range(len(drawers))]
            tried = [partial(drawer.replace, "x", before, one) for drawer, one in zip(drawers, contents, strict=True)]
            with ThreadPoolExecutor(len(tried)) as pool:
                done = list(pool.map(lambda one: one(), tried))
            assert done.count(True) == 1
            before = contents[done.index(True)]
            assert drawers[0].read("x") == before
        assert not drawers[0].replace("x", None, b"later")
        assert drawers[0].replace("x", before, None)
        assert drawers[0].replace("x", None, None)
        assert drawers[0].names() == ()
