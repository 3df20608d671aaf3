"""Everything that can be set: command line before environment before file before choice before default, read once."""

import os
import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from platformdirs import user_config_path, user_data_path
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    HttpUrl,
    PrivateAttr,
    SecretStr,
    TypeAdapter,
    ValidationError,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from cratewise.classification import LEAST_CONFIDENCE
from cratewise.drawer import Folder
from cratewise.errors import SettingsError
from cratewise.sourcechoice import SourceChoice, SourceName, read_choice

_PREFIX = "CRATEWISE_"
_SECRET = frozenset({"database_url", "lastfm_key", "passphrase"})
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

LEAST_PASSPHRASE, MOST_PASSPHRASE = 10, 200
"""Characters of a passphrase."""


def _listed(value: object) -> object:
    """Names in one text, with commas between them, as the environment and the command line give them."""
    if not isinstance(value, str):
        return value
    names = [name for piece in value.split(",") if (name := piece.strip().lower())]
    return [] if names == ["none"] else names


def _checked(address: str) -> str:
    TypeAdapter(HttpUrl).validate_python(address)
    return address


def _ip_address(host: str) -> str:
    if host not in _LOOPBACK:
        ip_address(host)
    return host


def _site(address: str) -> str:
    """An address without a path, as a browser's `Origin` has it; empty for none."""
    if not address:
        return ""
    parts = urlsplit(_checked(address))
    if parts.scheme not in {"http", "https"} or parts.path not in {"", "/"} or parts.query or parts.username:
        raise ValueError("it must be like https://music.example.org")
    return f"{parts.scheme}://{parts.netloc.lower()}"


Address = Annotated[str, Field(pattern=r"^https?://\S+$"), AfterValidator(_checked)]


def config_file() -> Path:
    """Where the settings file is looked for: CRATEWISE_CONFIG, else config.toml in the platform's config folder."""
    override = os.environ.get(f"{_PREFIX}CONFIG")
    return Path(override) if override else user_config_path("cratewise") / "config.toml"


class Settings(BaseSettings):
    """The settings of one program run. Make them with `load_settings`, which turns mistakes into clear errors.

    Attributes:
        data_dir: Folder for everything that is kept.
        database_url: Database in SQLAlchemy's notation; `None` is a SQLite file in `data_dir`. It may hold a password.
        spotify_client_id: Client id of the person's own Spotify app, empty when not set up.
        spotify_api_url: Address of the Web API.
        spotify_accounts_url: Address of Spotify's login.
        use_keyring: Whether the key of the login may be kept in the system's keyring, or only in a file.
        host: Address the web application listens on; beyond this machine's own it asks for a passphrase.
        port: Port the web application listens on.
        public_url: Where people open the web application when something stands before it (a proxy); empty for nothing.
        passphrase: What the web application asks for; `None` where it is asked for in the terminal once, and kept.
        log_format: Whether the web application logs warnings as text, or all it does as JSON, one object a line.
        calls_a_day: Calls to Spotify in 24 hours; a run that needs more is warned of. Spotify does not say how many it
            takes, and was seen to stop an app after 1,144.
        sources: Which sources of statistics and tags on the internet may be asked; Last.fm only where there is a key.
            In a text, names with commas between them, or "none".
        lastfm_key: Key of the person's own for Last.fm.
        contact: Address or page of whoever runs the program; MusicBrainz asks for one, so that it can write before it
            shuts somebody out. It is told to the sources and nobody else.
        least_confidence: Songs the classifier is less sure of (0 to 1) count as unsure.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, extra="forbid", env_ignore_empty=True)

    data_dir: Path = Field(default_factory=lambda: user_data_path("cratewise"))
    database_url: SecretStr | None = None
    spotify_client_id: str = ""
    spotify_api_url: Address = "https://api.spotify.com/v1"
    spotify_accounts_url: Address = "https://accounts.spotify.com"
    use_keyring: bool = True
    host: Annotated[str, AfterValidator(_ip_address)] = "127.0.0.1"
    port: int = Field(default=8765, ge=1, le=65535)
    public_url: Annotated[str, AfterValidator(_site)] = ""
    passphrase: SecretStr | None = Field(default=None, min_length=LEAST_PASSPHRASE, max_length=MOST_PASSPHRASE)
    log_format: Literal["text", "json"] = "text"
    calls_a_day: int = Field(default=1000, ge=1)
    sources: Annotated[tuple[SourceName, ...], NoDecode, BeforeValidator(_listed)] = (
        "reccobeats",
        "musicbrainz",
        "lastfm",
    )
    lastfm_key: SecretStr | None = None
    contact: str = Field(default="", pattern=r"^[!-'*-~]{0,200}$")  # it becomes part of a header's comment
    least_confidence: float = Field(default=LEAST_CONFIDENCE, ge=0, le=1)

    @property
    def is_open(self) -> bool:
        """Whether the web application can be reached from beyond this machine."""
        return self.host not in _LOOPBACK or bool(self.public_url)

    @property
    def is_host(self) -> bool:
        """Whether the web application serves many accounts: those of one database on a server."""
        return self.database_url is not None and self.database_url.get_secret_value().startswith("postgres")

    _fixed: frozenset[str] = PrivateAttr(default=frozenset())

    def model_post_init(self, _context: object) -> None:
        """Notes what was set: no choice on the pages changes that."""
        self._fixed = frozenset(self.model_fields_set)

    @property
    def fixed(self) -> frozenset[str]:
        """Names of what is set by the command line, the environment or the file."""
        return self._fixed

    def with_choice(self, choice: SourceChoice) -> "Settings":
        """The settings with what was chosen on the pages, where it is set nowhere else."""
        chosen = {name: getattr(choice, name) for name in SourceChoice.model_fields if name not in self.fixed}
        known = {name: Settings.model_fields[name].default if one is None else one for name, one in chosen.items()}
        return self.model_copy(update=known)

    @property
    def library_url(self) -> str:
        """The database the library is kept in, password included: not for showing."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir / 'library.sqlite3'}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line, then environment, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, config_file())


def load_settings(**given: Any) -> Settings:
    """Reads the settings once.

    Args:
        **given: What the command line says; a value of `None` counts as not given.

    Raises:
        SettingsError: A value cannot be used; the message names the setting, where it was set, and the value.
    """
    command_line = {name: value for name, value in given.items() if value is not None}
    try:
        settings = Settings(**command_line)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{config_file()} is not valid TOML: {error}.", hint="Mend the line it names.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{config_file()} is not UTF-8 text.", hint="Save it in the encoding UTF-8.") from error
    except OSError as error:
        raise SettingsError(f"{config_file()} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        raise SettingsError(_explained(error, command_line), hint="Correct it there, or leave it out.") from None
    return settings.with_choice(read_choice(Folder(settings.data_dir)))


def _explained(error: ValidationError, command_line: dict[str, Any]) -> str:
    lines = []
    for found in error.errors(include_url=False, include_context=False):
        name = str(found["loc"][0]) if found["loc"] else "settings"
        if name in command_line:
            where = f"on the command line (--{name.replace('_', '-')})"
        elif os.environ.get(_PREFIX + name.upper()):
            where = f"in the environment ({_PREFIX}{name.upper()})"
        else:
            where = f"in {config_file()}"
        field = Settings.model_fields.get(name)
        if field is None:
            lines.append(
                f"{name}, set {where}, is not a setting; there are {', '.join(sorted(Settings.model_fields))}."
            )
            continue
        shown = "its value" if name in _SECRET else repr(found["input"])
        lines.append(f"{name}, set {where}: {shown} cannot be used ({found['msg'].removeprefix('Value error, ')}).")
    return "\n".join(lines)
