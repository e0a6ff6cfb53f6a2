"""Fixtures shared by all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real films, which may not be shipped; a test that needs it skips where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the folder of real films (../shared/data) is not on this machine")
    return SHARED_DATA
