"""What keeps strangers out where the pages can be reached from beyond this machine: one passphrase for all of them."""

import base64
import json
import logging
import os
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidKey
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from cratewise.errors import CratewiseError
from cratewise.wholefile import write_owned

logger = logging.getLogger(__name__)

SESSION_LIFE_S = 30 * 24 * 3600
WRONG_EACH, WRONG_ALL, WINDOW_S = 5, 50, 60.0
"""Wrong attempts from one address, and from everywhere, within so many seconds; after that nobody is listened to."""

# RFC 9106, section 4, second recommended option: 64 MiB, three passes.
_PASSES, _LANES, _MEMORY_KIB, _SALT_BYTES, _HASH_BYTES = 3, 4, 64 * 1024, 16, 32
_INSIDE = b"inside"


class WrongPassphraseError(CratewiseError):
    """What was entered is not the passphrase."""


class TooManyAttemptsError(CratewiseError):
    """Wrong passphrases came too fast.

    Attributes:
        wait_s: Seconds until the next attempt is listened to.
    """

    def __init__(self, wait_s: float) -> None:
        super().__init__("Too many wrong passphrases.", hint=f"Wait {wait_s:.0f} seconds, then try again.")
        self.wait_s = wait_s


class Passphrase:
    """The passphrase of a data folder: only its argon2id hash is kept, beside the key of the sessions.

    Args:
        folder: The data folder.
        clock: Seconds from any fixed point, for counting attempts.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = folder / "passphrase.json"
        self._attempts = _Attempts(clock)
        self._one_at_a_time = threading.Lock()  # each check takes 64 MiB

    @property
    def is_set(self) -> bool:
        """Whether there is one."""
        return self._path.exists()

    def check(self) -> None:
        """Makes sure that what is kept can be used.

        Raises:
            CratewiseError: It is damaged.
        """
        self._is("")
        self._sessions()

    def choose(self, passphrase: str) -> None:
        """Makes it the passphrase; whoever was inside with another one is out.

        Raises:
            DataFileError: It cannot be kept.
        """
        if self.is_set and self._is(passphrase):
            return
        hashed = Argon2id(
            salt=os.urandom(_SALT_BYTES), length=_HASH_BYTES, iterations=_PASSES, lanes=_LANES, memory_cost=_MEMORY_KIB
        ).derive_phc_encoded(passphrase.encode())
        kept = {"hash": hashed, "key": base64.b64encode(os.urandom(32)).decode()}
        write_owned(self._path, json.dumps(kept).encode())

    def enter(self, passphrase: str, address: str) -> str:
        """Lets somebody in who knows it.

        Args:
            passphrase: What was entered.
            address: Where it comes from.

        Returns:
            What the browser's cookie has to hold from now on.

        Raises:
            TooManyAttemptsError: Too many were wrong just now.
            WrongPassphraseError: It is another one.
        """
        self._attempts.count(address)
        if not self._is(passphrase):
            raise WrongPassphraseError("That is not the passphrase.", hint="Mind capitals, and try again.")
        self._attempts.forget(address)
        return self._sessions().encrypt(_INSIDE).decode()

    def admits(self, session: str) -> bool:
        """Whether a cookie is of somebody who was let in, less than 30 days ago."""
        try:
            return self._sessions().decrypt(session, ttl=SESSION_LIFE_S) == _INSIDE
        except (InvalidToken, ValueError):  # the latter for letters that no session has
            return False
        except CratewiseError as damage:  # since it was started
            logger.warning("%s", damage)
            return False

    def _is(self, passphrase: str) -> bool:
        with self._one_at_a_time:
            kept = self._kept("hash")
            if not kept.startswith("$argon2id$"):
                raise self._damaged()
            try:
                Argon2id.verify_phc_encoded(passphrase.encode(errors="surrogatepass"), kept)
            except InvalidKey:
                return False
            except ValueError as error:
                raise self._damaged() from error
        return True

    def _sessions(self) -> Fernet:
        try:
            return Fernet(base64.urlsafe_b64encode(base64.b64decode(self._kept("key"))))
        except ValueError as error:
            raise self._damaged() from error

    def _kept(self, name: str) -> str:
        try:
            return str(json.loads(self._path.read_bytes())[name])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._damaged() from error

    def _damaged(self) -> CratewiseError:
        hint = "Delete the file and start cratewise again: it asks for a new passphrase."
        return CratewiseError(f"{self._path} cannot be read.", hint=hint)


class _Attempts:
    """When passphrases were tried; those that turned out right are forgotten."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._times: dict[str, deque[float]] = defaultdict(deque)

    def count(self, address: str) -> None:
        """Counts an attempt, before anybody knows whether it is right: those at the same moment count, too."""
        now_s = self._clock()
        with self._lock:
            for known in list(self._times):
                times = self._times[known]
                while times and times[0] <= now_s - WINDOW_S:
                    times.popleft()
                if not times:
                    del self._times[known]
            everywhere = sorted(one for times in self._times.values() for one in times)
            here = self._times[address]
            for times_s, most in ((everywhere, WRONG_ALL), (here, WRONG_EACH)):
                if len(times_s) >= most:
                    raise TooManyAttemptsError(times_s[-most] + WINDOW_S - now_s)
            here.append(now_s)

    def forget(self, address: str) -> None:
        """Forgets those of one address."""
        with self._lock:
            self._times.pop(address, None)
