"""The house: nothing imports upwards or sideways, and the installed program needs no torch."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "cratewise"

SHARED = {
    "__init__",
    "tracks",
    "releases",
    "classification",
    "errors",
    "exclusive",
    "drawer",
    "settings",
    "sourcechoice",
    "progress",
    "csvrows",
    "csvcolumns",
    "trackcolumns",
    "wholefile",
}
ROOMS = {"jobs", "genres", "dataset", "model", "spotify", "sources", "library", "playlists", "exports", "bulk"}
MAY_IMPORT: dict[str, set[str]] = {
    "jobs": set(),
    "genres": set(),
    "dataset": set(),
    "model": {"genres", "dataset"},
    "spotify": set(),
    "sources": set(),
    "library": {"playlists"},
    "playlists": {"genres"},
    "exports": {"library", "playlists"},
    "bulk": {"model", "sources"},
    "workflows": ROOMS,
    "surroundings": {"library", "spotify"},
    "app": ROOMS | {"workflows", "surroundings"},
    "demo": ROOMS | {"workflows", "app"},
    "web": {"app", "workflows", "genres", "demo"} | ROOMS,
    "hosting": {"app", "workflows", "web", "surroundings"} | ROOMS,
    "cli": {"app", "workflows", "web", "demo", "hosting"} | ROOMS,
    "__main__": {"cli"},
}
TRAINING = {
    "network",
    "projection",
    "neighbourhood",
    "masking",
    "corpus",
    "targets",
    "conditions",
    "recipe",
    "optimisation",
    "specialist",
    "training",
    "calibration",
    "evaluation",
    "export",
    "report",
    "layers",
    "confidence",
    "material",
    "judging",
    "experiment",
    "peers",
}
COMMANDS = {"train", "baselines"}


def room_of(path: Path) -> str:
    """The room (or the file at the top) that a module is in."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[tuple[str, ...]]:
    """Every module of the package that a file imports, as parts: ("model", "features")."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {tuple(name.split(".")[1:]) for name in found if name.startswith("cratewise.")}


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_imports_upwards_or_sideways(path: Path) -> None:
    """A file imports shared values, its own room, and the rooms its layer may see."""
    room = room_of(path)
    allowed = SHARED | {room} | MAY_IMPORT.get(room, set())
    seen = {parts[0] for parts in imports_of(path)}
    known = SHARED | set(MAY_IMPORT)
    assert {name for name in seen & known if name not in allowed} == set()
    assert room in known


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_commands_reach_the_training_side(path: Path) -> None:
    """Modules that need torch are imported by each other and by two commands, the peers by their own command alone."""
    room, *inside = path.relative_to(PACKAGE).with_suffix("").parts
    of_model = {parts[1] for parts in imports_of(path) if parts[0] == "model" and len(parts) > 1}
    is_training = room == "model" and inside[0] in TRAINING
    if not is_training and (room, *inside) not in {("cli", command) for command in COMMANDS}:
        assert of_model & TRAINING == set()
    if (room, *inside[:1]) not in {("model", "peers"), ("cli", "baselines")}:
        assert "peers" not in of_model


def test_the_command_line_starts_without_heavy_libraries() -> None:
    """Importing the command line loads neither torch nor a data or model library, nor the database or a server."""
    program = "import sys, cratewise.cli; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    heavy = {
        "torch",
        "pandas",
        "sklearn",
        "onnxruntime",
        "numpy",
        "polars",
        "sqlalchemy",
        "fastapi",
        "httpx",
        "keyring",
        "pydantic",
    }
    assert set(done.stdout.split()) & heavy == set()
