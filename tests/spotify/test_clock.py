"""A clock that is off shows as a certificate that isn't valid, or as an answer from another time."""

import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cratewise.spotify.auth import Authoriser, PendingLogin
from cratewise.spotify.clock import clock_remark
from cratewise.spotify.errors import ClockOff, LoginFailed, Unreachable
from cratewise.spotify.request import Answer, Request
from cratewise.spotify.retry import RetrySender
from cratewise.spotify.transport import HttpSender

from .conftest import START_S, FakeClock, ScriptedServer

DAY = timedelta(days=1)
START = datetime.fromtimestamp(START_S, UTC)


def certificate(folder: Path, since: datetime, until: datetime) -> Path:
    """A certificate for this machine that is valid in that time, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


class Silent(BaseHTTPRequestHandler):
    """Answers 200 to whatever gets through, and says nothing."""

    def do_GET(self) -> None:
        """Answers."""
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


class TlsServer(HTTPServer):
    """A server whose visitors may turn away at its certificate."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Expects just that."""


Secure = Callable[[datetime, datetime], tuple[str, ssl.SSLContext]]


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Secure]:
    """Starts a TLS server with a certificate of that time; gives its address, and who trusts it."""
    servers: list[TlsServer] = []

    def start(since: datetime, until: datetime) -> tuple[str, ssl.SSLContext]:
        file = certificate(tmp_path, since, until)
        server = TlsServer(("127.0.0.1", 0), Silent)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return f"https://127.0.0.1:{server.server_port}", ssl.create_default_context(cafile=file)

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("since", "until"), [(-3 * DAY, -2 * DAY), (2 * DAY, 3 * DAY)], ids=["expired", "of tomorrow"])
def test_a_certificate_of_another_time_says_to_check_the_clock(
    secure: Secure, clock: FakeClock, since: timedelta, until: timedelta
) -> None:
    """The error names the clock, and trying again is left out, as it would be the same."""
    now = datetime.now(UTC)
    address, trust = secure(now + since, now + until)
    sender = HttpSender(address, certificates=trust)
    with pytest.raises(ClockOff, match="this machine's clock") as raised:
        RetrySender(sender, clock.timing).send(Request("GET", "/me", repeatable=True))
    sender.close()
    assert "date, time and time zone" in raised.value.hint
    assert clock.slept == []


def test_a_certificate_nobody_trusts_is_another_matter(secure: Secure) -> None:
    """It has nothing to do with the clock; a good one is taken."""
    now = datetime.now(UTC)
    address, trust = secure(now - DAY, now + DAY)
    stranger, friend = HttpSender(address), HttpSender(address, certificates=trust)
    with pytest.raises(Unreachable, match="cannot be reached"):
        stranger.send(Request("GET", "/me"))
    assert friend.send(Request("GET", "/me")).status == 200
    stranger.close()
    friend.close()


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (timedelta(hours=3), "3 hours behind Spotify's"),
        (-timedelta(minutes=10), "10 minutes ahead of Spotify's"),
        (timedelta(days=400), "400 days behind"),
        (timedelta(minutes=4), ""),
        (-timedelta(minutes=4), ""),
    ],
)
def test_the_remark_says_how_far_off_the_clock_is(there: timedelta, said: str) -> None:
    """Beyond five minutes either way, in units a person thinks in."""
    remark = clock_remark(Answer(400, {"date": format_datetime(START + there, usegmt=True)}), START_S)
    assert said in remark
    assert bool(remark) == bool(said)


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Nov 2026 00:00:00 GMT"])
def test_an_answer_without_a_time_says_nothing_of_the_clock(date: str) -> None:
    """Nothing is made of what isn't there."""
    assert clock_remark(Answer(400, {"date": date} if date else {}), START_S) == ""


def test_a_refused_code_mentions_a_clock_that_is_off(server: ScriptedServer, clock: FakeClock) -> None:
    """The server's `Date` is that of the real time; the program's clock here is not."""
    server.answers(400, {"error": "invalid_grant", "error_description": "Authorization code expired"})
    sender = HttpSender(server.url)
    with pytest.raises(LoginFailed) as raised:
        Authoriser(sender, clock.timing).exchange(PendingLogin("app", "http://127.0.0.1:1/callback", ()), "code")
    sender.close()
    assert "log in again" in raised.value.hint
    assert "Check this machine's clock" in raised.value.hint
