import socket
from collections.abc import Mapping

import httpx
import pytest

from cratewise.web import security
from cratewise.web.ownworkspace import UPLOADS
from cratewise.web.security import CONTENT_SECURITY_POLICY, IMPORT_PATH, LONGEST_BODY, LONGEST_FILE, Reach

from .conftest import Site, guard_of


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]"])
def test_answers_under_this_machines_own_names(guarded: httpx.Client, name: str) -> None:
    """The three names of this machine, with the right port, reach the pages."""
    assert guarded.get("/", headers={"host": f"{name}:{guarded.base_url.port}"}).text == "inside"


@pytest.mark.parametrize("host", ["evil.example:{port}", "127.0.0.1.evil.example:{port}", "127.0.0.1:1", "127.0.0.1"])
def test_refuses_names_that_dns_could_point_here(guarded: httpx.Client, host: str) -> None:
    """A foreign name, or another port, is refused also on reads, in the one shape of errors."""
    answer = guarded.get("/", headers={"host": host.format(port=guarded.base_url.port)})
    assert answer.status_code == 421
    assert set(answer.json()["error"]) == {"message", "hint"}


@pytest.mark.parametrize("host", ["localhost:x", "", "[::1:8765", "someone@localhost:{port}"])
def test_refuses_damaged_names(guarded: httpx.Client, host: str) -> None:
    """What is no host name at all never reaches the pages."""
    host = host.format(port=guarded.base_url.port)
    assert guarded.get("/", headers={"host": host}).status_code in {400, 421}


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
    ],
)
def test_refuses_writes_from_other_sites(guarded: httpx.Client, headers: Mapping[str, str]) -> None:
    """A write that a browser sends for another site, or another port, changes nothing."""
    assert guarded.post("/", headers=headers).status_code == 403
    assert guarded.get("/", headers=headers).status_code == 200


def test_takes_writes_from_its_own_pages(guarded: httpx.Client) -> None:
    """The pages themselves, and clients that are no browsers, may write."""
    home = f"http://127.0.0.1:{guarded.base_url.port}"
    for headers in ({"sec-fetch-site": "same-origin"}, {"origin": home}, {}):
        assert guarded.post("/", headers=headers).text == "inside"


def test_every_answer_carries_the_policy(guarded: httpx.Client) -> None:
    """Answers and refusals alike forbid inline code, framing, sniffing and storing."""
    for answer in (guarded.get("/"), guarded.get("/", headers={"host": "evil.example"})):
        assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'self';")


PUBLIC = "music.example.org"


@pytest.mark.parametrize(
    ("origin", "status"),
    [(f"https://{PUBLIC}", 200), (f"http://{PUBLIC}", 403), (f"https://{PUBLIC}:8443", 403), ("null", 403)],
)
def test_an_encrypted_address_takes_no_writes_from_the_unencrypted_one(origin: str, status: int) -> None:
    """Whoever can put a page in the place of http://… is another site; old browsers tell it by `Origin` alone."""
    with guard_of(Reach(public_url=f"https://{PUBLIC}")) as guarded:
        assert guarded.post("/", headers={"host": PUBLIC, "origin": origin}).status_code == status
        home = f"http://127.0.0.1:{guarded.base_url.port}"  # the machine behind the proxy
        assert guarded.post("/", headers={"origin": home}).status_code == 200


def test_only_an_encrypted_public_address_is_to_be_asked_for_encrypted_alone(guarded: httpx.Client) -> None:
    """Also where it refuses. A person's own machine has no encryption, and the header would lock its pages."""
    name = "strict-transport-security"
    assert name not in guarded.get("/").headers
    with guard_of(Reach(public_url=f"https://{PUBLIC}")) as public:
        foreign = {"origin": "http://evil.example"}
        for answer in (
            public.get("/", headers={"host": PUBLIC}),
            public.post("/", headers={"host": PUBLIC, **foreign}),
        ):
            assert answer.headers[name] == "max-age=31536000"
        assert name not in public.get("/").headers
        assert name not in public.get("/", headers={"host": "evil.example"}).headers
    for url, host in ((f"http://{PUBLIC}", PUBLIC), ("https://localhost:8443", "localhost:8443")):
        with guard_of(Reach(public_url=url)) as other:
            assert name not in other.get("/", headers={"host": host}).headers


def test_refuses_bodies_that_no_page_sends(guarded: httpx.Client) -> None:
    """A long body, and one of unknown length, are refused before they are read."""
    assert guarded.post("/", content=b"x" * (LONGEST_BODY + 1)).status_code == 413
    assert guarded.post("/", content=iter([b"x"])).status_code == 413
    assert guarded.post("/", content=b"x").text == "inside"
    assert guarded.post(IMPORT_PATH, content=b"x" * (LONGEST_BODY + 1)).text == "inside", "files may be longer"
    assert guarded.post(IMPORT_PATH, content=b"x" * (LONGEST_FILE + 1)).status_code == 413


def test_headers_alone_can_be_asked_for(guarded: httpx.Client) -> None:
    """As those do who watch whether a server is up."""
    whole, headers = guarded.get("/"), guarded.head("/")
    assert (headers.status_code, headers.content) == (200, b"")
    assert headers.headers["content-length"] == whole.headers["content-length"]


def test_a_body_that_does_not_go_on_is_not_waited_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can hold connections, and files half taken in, for ever."""
    monkeypatch.setattr(security, "BODY_GOES_ON_WITHIN_S", 0.05)
    for method, path in (("PUT", "/api/theme"), ("POST", "/api/jobs/import?name=songs.csv")):
        with socket.create_connection(("127.0.0.1", site.client.base_url.port or 0), timeout=20) as connection:
            request = (
                f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{site.client.base_url.port}\r\ncontent-length: 9\r\n"
            )
            connection.sendall(f"{request}content-type: application/json\r\n\r\n{{".encode())
            assert connection.recv(1000).startswith(b"HTTP/1.1 408")
    uploads = site.server.workspace.app.settings.data_dir / UPLOADS
    assert not uploads.exists()
