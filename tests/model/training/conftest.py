"""The training side is tested where its extra is installed."""

from importlib.util import find_spec

import pytest

HAS_EXTRA = all(find_spec(package) for package in ("torch", "onnx", "sklearn", "matplotlib"))


def pytest_ignore_collect() -> bool | None:
    """Leaves these files alone where torch is absent; `test_environment.py` says so."""
    return None if HAS_EXTRA else True


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Small networks are quicker on one thread; sums differ in the last bit with the number of threads."""
    import torch

    torch.set_num_threads(1)
