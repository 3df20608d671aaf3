"""Encrypting what only the holder of the logins' key is to read."""

from cryptography.fernet import Fernet, InvalidToken

from cratewise.errors import SpotifyError
from cratewise.spotify.keys import KeyStore


class Cipher:
    """Encrypts with the key for what is written now; decrypts with any that is kept.

    Args:
        keys: Where the key is.
    """

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    def encrypted(self, content: bytes) -> bytes:
        """The content as only a holder of the key can read it.

        Raises:
            SpotifyError: The key can be neither read nor made, or is damaged.
        """
        return fernet_of(self._keys.key()).encrypt(content)

    def decrypted(self, encrypted: bytes) -> bytes | None:
        """The content; `None` where it was encrypted with no key that is kept, or is damaged.

        Raises:
            SpotifyError: The key cannot be read, or is damaged.
        """
        for key in self._keys.kept():
            try:
                return fernet_of(key).decrypt(encrypted)
            except InvalidToken:
                continue
        return None


def fernet_of(key: bytes) -> Fernet:
    """What encrypts with a key.

    Raises:
        SpotifyError: The key is damaged.
    """
    try:
        return Fernet(key)
    except ValueError:
        raise SpotifyError(
            "the key that the logins are encrypted with is damaged",
            hint="Delete the file logins.key in the data folder, or the entry “cratewise” in the system's keyring, and "
            "log in again. Your library is kept.",
        ) from None
