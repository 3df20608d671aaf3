"""The hosting guide, tried: nginx with encryption, the unit, backup and restore, each as the page has it."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from cratewise import workflows
from cratewise.app import Application
from cratewise.demo import running_demo
from cratewise.hosting.host import check_can_host
from cratewise.library.store import Library
from cratewise.settings import load_settings
from cratewise.spotify.sandbox.demo import account_from
from cratewise.spotify.sandbox.server import SandboxServer
from cratewise.web.passphrase import Passphrase
from cratewise.web.security import LONGEST_BODY, LONGEST_FILE
from cratewise.web.server import WebServer

from .conftest import missing
from .postgresql import PostgresqlServer
from .web.conftest import running

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "hosting.md"
NAME = "music.example.org"
SECRET = "ten characters or more"
APP = "0123456789abcdef0123456789abcdef"
SONGS = "title,artists,album,year,note\nOne,Two,Three,1999,\n"
PATIENCE_S = 20.0
SAME_SITE = {"sec-fetch-site": "same-origin"}
NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
{site}
}}
"""


def block(language: str, holding: str) -> str:
    """A block of the guide."""
    found = [text for text in re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(), re.DOTALL) if holding in text]
    assert len(found) == 1, f"the guide has {len(found)} blocks of {language} with {holding}"
    return str(found[0])


def needed(program: str) -> str:
    """Where a program is; the test is skipped where it is not."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin") or missing(f"{program} is not installed")


@dataclass
class Proxied:
    """The pages behind nginx.

    Attributes:
        browser: Somebody who opens the public address.
        url: That address.
        server: The program behind it.
    """

    browser: httpx.Client
    url: str
    server: WebServer


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[Proxied]:
    """The guide's nginx, with the guide's certificate, on a free port."""
    nginx, port = needed("nginx"), free_port()
    needed("openssl")
    certificate = block("sh", "openssl req")
    subprocess.run(["/bin/sh", "-ec", certificate], cwd=tmp_path, check=True, capture_output=True)
    url = f"https://{NAME}:{port}"
    with SandboxServer(
        initial=lambda: account_from("title,artists,album,year,note\nOne,Two,Three,1999,\n", "")
    ) as sandbox:
        settings = load_settings(
            data_dir=tmp_path / "data",
            public_url=url,
            spotify_api_url=sandbox.api_url,
            spotify_accounts_url=sandbox.accounts_url,
            use_keyring=False,
        )
        Passphrase(settings.data_dir).choose(SECRET)
        with Application.open(settings) as app:
            server = WebServer(app)
            with running(server, server.stop) as (behind, _):
                site = block("nginx", "proxy_pass").replace("http://127.0.0.1:8765", behind)
                site = site.replace("listen 443", f"listen 127.0.0.1:{port}").replace("/etc/nginx/", f"{tmp_path}/")
                (tmp_path / "nginx.conf").write_text(NGINX.format(folder=tmp_path, site=site))
                process = subprocess.Popen(
                    [nginx, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "error.log")]
                )
                trusting = ssl.create_default_context(cafile=str(tmp_path / "music.crt"))
                with httpx.Client(
                    base_url=f"https://127.0.0.1:{port}",
                    transport=Named(httpx.HTTPTransport(verify=trusting, retries=8)),
                    headers={"host": f"{NAME}:{port}"},
                    timeout=PATIENCE_S,
                ) as browser:
                    try:
                        yield Proxied(browser, url, server)
                    finally:
                        process.terminate()
                        process.wait(PATIENCE_S)


class Named(httpx.BaseTransport):
    """Asks for the name of the certificate, as a browser would that found the machine by it."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request."""
        request.extensions = {**request.extensions, "sni_hostname": NAME}
        return self._transport.handle_request(request)

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()


def test_the_pages_work_behind_nginx(proxied: Proxied) -> None:
    """The passphrase, a cookie for encrypted pages alone, writes by their origin, progress as it happens."""
    browser = proxied.browser
    assert browser.get("/songs").headers["location"] == "/enter?back=%2Fsongs"
    entered = browser.post("/api/enter", json={"passphrase": SECRET}, headers={"origin": proxied.url})
    assert entered.json() == {"inside": True}
    cookie = entered.headers["set-cookie"]
    assert "Secure" in cookie
    assert "strict-transport-security" in entered.headers
    inside = {"cookie": cookie.split(";")[0], "origin": proxied.url}
    assert browser.put("/api/theme", json={"theme": "dark"}, headers=inside).status_code == 200
    for origin in ("https://evil.example", proxied.url.replace("https:", "http:")):
        foreign = {**inside, "origin": origin}
        assert browser.put("/api/theme", json={"theme": "dark"}, headers=foreign).status_code == 403, origin
    with browser.stream("GET", "/api/events", headers=inside) as stream:
        assert next(stream.iter_lines()) == "event: state"
    assert browser.get("/metrics", headers=inside).status_code == 403
    assert browser.get("/ready").json() == {"status": "ready"}
    assert browser.get("/ready", headers={"host": "evil.example"}).status_code == 421


def test_a_login_comes_back_through_nginx(proxied: Proxied) -> None:
    """By the encrypted address, as the page shows it for Spotify's dashboard."""
    browser = proxied.browser
    cookies = [browser.post("/api/enter", json={"passphrase": SECRET}, headers=SAME_SITE).headers["set-cookie"]]
    inside = {"cookie": cookies[0].split(";")[0]}
    page = browser.get("/connect", headers=inside).text.replace("<wbr>", "")
    assert f"{proxied.url}/callback" in page
    begun = browser.post("/api/login", json={"client_id": APP}, headers={**SAME_SITE, **inside})
    address = begun.json()["address"]
    assert parse_qs(urlsplit(address).query)["redirect_uri"] == [f"{proxied.url}/callback"]
    with httpx.Client(trust_env=False) as visitor:
        form = re.search(r'action="([^"]+)"', visitor.get(address).text)
        assert form, "the sandbox does not ask"
        there = httpx.URL(address).join(unescape(form[1]))
        back = visitor.post(there, data={"decision": "approve"}).headers["location"]
    assert back.startswith(f"{proxied.url}/callback?")
    both = "; ".join([inside["cookie"], begun.headers["set-cookie"].split(";")[0]])
    returned = browser.get(back.removeprefix(proxied.url), headers={"cookie": both, "sec-fetch-dest": "document"})
    assert (returned.status_code, returned.headers["location"]) == (303, "/")
    assert proxied.server.workspace.may()


@pytest.mark.parametrize(
    ("path", "longest"), [("/api/jobs/import?name=songs.csv", LONGEST_FILE), ("/api/words", LONGEST_BODY)]
)
def test_what_is_too_large_is_refused_by_nginx_unread(proxied: Proxied, path: str, longest: int) -> None:
    """It takes exactly as much as the program does, which would be gone before nginx had sent it the rest."""
    for n_bytes, is_taken in ((longest + 1, False), (longest, True)):
        with reached(proxied) as connection:
            head = f"POST {path} HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: {n_bytes}\r\n\r\n"
            connection.sendall(head.encode())
            connection.settimeout(PATIENCE_S if not is_taken else 0.5)
            if is_taken:  # it waits for the body
                with pytest.raises(TimeoutError):
                    connection.recv(1)
            else:
                assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


@contextmanager
def reached(proxied: Proxied) -> Iterator[ssl.SSLSocket]:
    """A connection to nginx."""
    assert proxied.browser.get("/health").status_code == 200
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    port = urlsplit(proxied.url).port or 443
    with (
        socket.create_connection(("127.0.0.1", port), PATIENCE_S) as plain,
        trusting.wrap_socket(plain, server_hostname=NAME) as connection,
    ):
        yield connection


@pytest.mark.parametrize(
    ("name", "holding"),
    [("cratewise@", "Description=cratewise for"), ("cratewise-web@", "its pages"), ("cratewise-worker@", "worker %i")],
)
def test_the_units_are_some(tmp_path: Path, name: str, holding: str) -> None:
    """systemd finds nothing to say about them, and the commands in them are some of cratewise's."""
    analyse = needed("systemd-analyze")
    program = str(Path(sys.executable).parent / "cratewise")
    unit = block("ini", holding).replace("/opt/cratewise/bin/cratewise", program)
    (tmp_path / f"{name}.service").write_text(unit)
    instance = tmp_path / f"{name}8765.service"
    instance.symlink_to(tmp_path / f"{name}.service")
    (command,) = re.findall(rf"^ExecStart={re.escape(program)} (.*)$", unit, re.MULTILINE)
    understood = [program, *command.replace("%i", "8765").split(), "--help"]
    assert subprocess.run(understood, capture_output=True, check=False).returncode == 0
    done = subprocess.run([analyse, "verify", "--man=no", str(instance)], capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if name in line]
    assert said == []
    assert done.returncode == 0


def test_the_environment_file_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line is a setting."""
    for line in block("sh", "CRATEWISE_PASSPHRASE").splitlines():
        name, value = line.split("=", 1)
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.is_open
    assert (settings.port, settings.use_keyring, settings.log_format) == (8765, False, "json")
    assert not settings.is_host


def test_the_hosts_environment_file_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line is a setting, and together they make a host."""
    for line in block("sh", "CRATEWISE_SPOTIFY_CLIENT_ID").splitlines():
        name, value = line.split("=", 1)
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.is_host
    check_can_host(settings)


def test_a_copy_of_the_running_library_is_a_library(tmp_path: Path) -> None:
    """Made by the guide's command while the program has it open."""
    needed("sqlite3")
    with running_demo(load_settings(data_dir=tmp_path)) as demo:
        workflows.sync_library(demo.app)
        folder = demo.app.settings.data_dir
        command = block("sh", "sqlite3")
        subprocess.run(["/bin/sh", "-ec", command], cwd=folder, check=True, capture_output=True)
        account = demo.app.library.accounts.latest()
        assert account is not None
        known = demo.app.library.songs.added_at(account.account_id)
    assert len(known) > 400
    with Library.open(f"sqlite:///{folder / 'backup.sqlite3'}") as copy:
        assert copy.accounts.latest() == account
        assert copy.songs.added_at(account.account_id) == known


def test_a_dump_of_postgresql_is_restored(tmp_path: Path, postgresql: PostgresqlServer) -> None:
    """Into a database in which something went wrong since."""
    needed("pg_dump")
    url = postgresql.database()
    dump, restore = block("sh", "pg_dump").splitlines()

    def run(command: str) -> None:
        environment = {**os.environ, "DATABASE": url}
        subprocess.run(["/bin/sh", "-ec", command], cwd=tmp_path, env=environment, check=True, capture_output=True)

    with running_demo(load_settings(data_dir=tmp_path)) as demo:
        owner = demo.sandbox.store.account.account_id
        with Application.open(demo.app.settings.model_copy(update={"database_url": SecretStr(url)})) as app:
            workflows.sync_library(app)
            known = app.library.songs.added_at(owner)
    assert len(known) > 400
    run(dump)
    with Library.open(url) as library:
        library.accounts.forget(owner)
        assert library.accounts.latest() is None
    run(restore)
    with Library.open(url) as library:
        assert library.songs.added_at(owner) == known
