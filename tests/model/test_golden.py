"""The shipped model says of some tracks what it said when it was shipped."""

import json
import runpy
from pathlib import Path

import pytest

SCRIPT = runpy.run_path(str(Path(__file__).resolve().parents[2] / "scripts" / "golden.py"))


def test_the_shipped_model_says_what_it_said() -> None:
    """Verdicts are the same and probabilities within 0.0003; `python scripts/golden.py` rewrites what is wanted."""
    wanted = json.loads(SCRIPT["GOLDEN"].read_text(encoding="utf-8"))
    found = SCRIPT["predictions"](SCRIPT["golden_tracks"]())
    assert len(found) == len(wanted) > 40
    for said, kept in zip(found, wanted, strict=True):
        assert {**said, "families": None, "labels": None} == {**kept, "families": None, "labels": None}
        for level in ("families", "labels"):
            assert said[level] == pytest.approx(kept[level], abs=0.0003), said["track"]
