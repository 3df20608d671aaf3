"""Reading an account, killed on the way again and again, loses no song that it had said was read."""

from pathlib import Path

import pytest
from pydantic import SecretStr

import cratewise.spotify.connect  # noqa: F401 (once, and not in each process that is killed)
from cratewise import workflows
from cratewise.app import Application
from cratewise.demo import running_demo
from cratewise.library.store import Library
from cratewise.settings import Settings, load_settings
from cratewise.workflows.liked import STAGE_SONGS

from .killing import killed_again_and_again


def read_account() -> None:
    """Syncs the account in the settings, and says how many entries were read."""

    def say(stage: str, done: int, _total: int | None) -> None:
        if stage == STAGE_SONGS:
            print(done, flush=True)

    with Application.open(load_settings()) as app:
        workflows.sync_library(app, say)


def test_a_first_sync_that_is_killed_loses_no_song_it_read(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page that was said to be read is in the library, and in the end every liked song is there."""
    with running_demo(Settings(data_dir=tmp_path)) as demo:
        for name in ("data_dir", "spotify_api_url", "spotify_accounts_url", "use_keyring"):
            monkeypatch.setenv(f"CRATEWISE_{name.upper()}", str(getattr(demo.app.settings, name)))
        monkeypatch.setenv("CRATEWISE_DATABASE_URL", url)
        owner = demo.sandbox.store.account.account_id
        most = 0
        with killed_again_and_again(read_account, n_times=8, most_lines=3, longest_s=0.02) as times:
            for lines in times:
                most = max([most, *map(int, lines)])
                assert n_kept(url, owner) >= most
        assert most >= 100
        settings = demo.app.settings.model_copy(update={"database_url": SecretStr(url)})
        with Application.open(settings) as app:
            result = workflows.sync_library(app)
        assert result.songs + result.left_aside == len(demo.sandbox.store.account.saved)
        assert n_kept(url, owner) == result.songs


def n_kept(url: str, owner: str) -> int:
    """How many entries of the account's are in the library, or were met and are no songs."""
    with Library.open(url) as library:
        known = library.accounts.find(owner)
        return max(known.liked_read if known else 0, len(library.songs.added_at(owner)))
