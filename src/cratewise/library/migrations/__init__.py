"""How the schema of the library came to be, step by step (Alembic)."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def known_revisions() -> set[str]:
    """Every schema this version of the program can read or bring up to date."""
    return {script.revision for script in ScriptDirectory.from_config(configured()).walk_revisions()}


def upgrade(connection: Connection) -> None:
    """Brings the database behind the connection to the newest schema, within its transaction."""
    config = configured()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def configured() -> Config:
    """Alembic's settings, without a connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
