"""Where people come by an encrypted connection, no cookie of a login travels by another."""

from http.cookies import SimpleCookie
from urllib.parse import urlsplit

import httpx
import pytest
from tests.hosting.conftest import Hosting


def attributes(answer: httpx.Response) -> dict[str, tuple[bool, bool, str]]:
    """Of each cookie that is set or dropped: whether it is for encrypted connections and no script, and its path."""
    cookies = SimpleCookie()
    for line in answer.headers.get_list("set-cookie"):
        cookies.load(line)
    return {name: (bool(one["secure"]), bool(one["httponly"]), one["path"]) for name, one in cookies.items()}


@pytest.mark.parametrize("public_url", ["", "https://music.example.org"])
def test_cookies_are_for_encrypted_connections_where_there_are(hosting: Hosting, public_url: str) -> None:
    """Also where the proxy that ends the encryption does not say so; on one's own machine there is none."""
    is_secure = bool(public_url)
    hosting.settings = hosting.settings.model_copy(update={"public_url": public_url})
    url = hosting.serve()
    begun = httpx.post(f"{url}/api/login", json={})
    assert attributes(begun) == {"login": (is_secure, True, "/callback")}
    login = begun.cookies.jar
    cookie = {"cookie": f"login={next(one.value for one in login)}"}
    back = {}
    for decision in ("deny", "approve"):
        location = urlsplit(httpx.post(begun.json()["address"], data={"decision": decision}).headers["location"])
        back[decision] = httpx.get(f"{url}/callback?{location.query}", headers=cookie)
    dropped = {"login": (is_secure, True, "/callback")}
    assert attributes(back["deny"]) == {**dropped, "trouble": (is_secure, True, "/connect")}
    assert attributes(back["approve"]) == {**dropped, "account": (is_secure, True, "/")}
    session = SimpleCookie()
    for line in back["approve"].headers.get_list("set-cookie"):
        session.load(line)
    themed = httpx.put(f"{url}/api/theme", json={"theme": "light"})
    assert attributes(themed) == {"theme": (is_secure, True, "/")}
    left = httpx.post(f"{url}/api/leave", headers={"cookie": f"account={session['account'].value}"})
    assert attributes(left) == {"account": (is_secure, True, "/")}
