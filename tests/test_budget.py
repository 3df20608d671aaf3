"""What a run is said to cost is what it takes, counted against the sandbox."""

from collections.abc import Callable, Iterator
from math import ceil
from pathlib import Path

import pytest

from cratewise import workflows
from cratewise.app import Application
from cratewise.classification import Classification
from cratewise.demo import running_demo
from cratewise.playlists.rules import Rules
from cratewise.settings import Settings
from cratewise.workflows.budget import PAGE, apply_calls, sync_calls, undo_calls

RULES = Rules(("jazz", "metal"), least_songs=1)


class HalfAndHalf:
    """Hears jazz and metal by turns."""

    version = "half-1"

    def classify(self, tracks, *, least_confidence):
        """By the number of letters in the title."""
        heard = ("jazz", "metal")
        genres = [heard[len(one.title) % 2] for one in tracks]
        return [
            Classification(one.track_id, genre, genre, 0.9, "blues", False, "So.")
            for one, genre in zip(tracks, genres, strict=True)
        ]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Application]:
    """The application, on the demo's account."""

    def wire(settings: Settings) -> Application:
        return Application(settings, load_classifier=HalfAndHalf, pause=lambda _: None)

    with running_demo(Settings(data_dir=tmp_path), wire) as demo:
        yield demo.app


@pytest.fixture
def made(app: Application) -> Callable[[], int]:
    """Gives the calls made since it was last asked."""
    before = [0]

    def since() -> int:
        used = app.account.budget().used
        difference, before[0] = used - before[0], used
        return difference

    return since


def test_what_is_left_is_not_spent_on_asking(
    app: Application, made: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where even the calls that tell the cost are too many, the warning comes before the first."""
    workflows.sync_library(app)
    made()
    limited = app.settings.model_copy(update={"calls_a_day": 1})
    with Application(limited, pause=lambda _: None) as later:
        assert "This takes about 2 calls" in workflows.warning(later, sync_calls(later))
    assert made() == 0


def test_every_run_costs_what_was_said(app: Application, made: Callable[[], int]) -> None:
    """Reading, writing, reading again and taking back, each from a program that has just been started."""
    said = sync_calls(app)
    workflows.sync_library(app)
    assert made() == said > 3
    workflows.classify_library(app)
    plan = workflows.make_plan(app, RULES)
    app.close()
    made()
    workflows.apply_plan(app, plan)
    assert made() == apply_calls(plan) > 4
    app.close()
    said = sync_calls(app)
    workflows.sync_library(app)
    assert made() == said == 3
    app.close()
    run = workflows.history(app)[0]
    said = undo_calls(run)
    workflows.undo_run(app)
    n_pages = sum(ceil(len(step.after) / PAGE) for step in run.steps)
    assert made() == said == 2 + n_pages + len(run.steps) > 4
