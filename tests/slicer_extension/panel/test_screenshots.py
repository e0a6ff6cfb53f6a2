"""Pictures of the module in use, for people to look at: panel and slice view side by side.

They lie in pytest's temporary folder; that of the simulated film is the one in docs/.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import PySide6  # noqa: F401 - Qt's methods are methods only in modules that import it
import pytest
from desktop.qt_module import FileDialog
from PIL import Image

PANEL_PIXELS, VIEW_PIXELS, HEIGHT = 500, 760, 1120
AMBER = np.array([243, 201, 107])


def _needs_gl() -> None:
    path = Path(__file__).parents[1] / "slice_view.py"
    spec = importlib.util.spec_from_file_location("slice_view", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.needs_gl()


@pytest.fixture
def simulated(tmp_path: Path) -> Path:
    """A film on which the default network finds all there is."""
    from sagittal.simulator import load_simulator_config, simulate_film

    pixels = simulate_film(load_simulator_config(), 21, rows=900).film.pixels
    Image.fromarray(np.round(pixels * 255).astype(np.uint8)).save(tmp_path / "simulated.png")
    return tmp_path / "simulated.png"


@pytest.fixture
def a1(shared_data: Path) -> Path:
    return shared_data / "films_dev" / "a1.png"


@pytest.mark.parametrize("film", ["simulated", "a1"])
def test_the_module_on_a_film(
    opened: Any, sagittal_server: Any, film: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    _needs_gl()
    path = request.getfixturevalue(film)
    red = opened.desktop.layoutManager().sliceWidget("Red")
    red.mrmlSliceNode().SetDimensions(VIEW_PIXELS, HEIGHT, 1)
    # On the desktop the view is there before the film.
    red.sliceView().forceRender()
    opened.connect(sagittal_server.url)
    FileDialog.answers[:] = [[path]]
    opened.ui.openButton.click()
    opened.ui.segmentButton.click()
    opened.finish()
    picture = screenshot(opened, tmp_path)
    Image.fromarray(picture).save(tmp_path / f"slicer_{film}.png")
    panel, view = picture[:, :PANEL_PIXELS].astype(float), picture[:, PANEL_PIXELS:].astype(float)
    assert (np.abs(panel[:30] - AMBER).max(axis=2) < 8).mean() > 0.3
    # The film is grey and fills most of the view; all colour is drawn on it.
    assert (view.min(axis=2) > 20).mean() > 0.4
    assert (np.ptp(view, axis=2) > 60).mean() > 0.02
    assert view.mean(axis=2).std() > 20


def test_the_page_to_print_has_the_film_the_table_and_the_notice(
    opened: Any, sagittal_server: Any, simulated: Path, tmp_path: Path
) -> None:
    _needs_gl()
    opened.desktop.layoutManager().sliceWidget("Red").sliceView().forceRender()
    opened.connect(sagittal_server.url)
    FileDialog.answers[:] = [[simulated], tmp_path / "page"]
    opened.ui.openButton.click()
    opened.ui.segmentButton.click()
    opened.finish()
    opened.ui.pdfButton.click()
    content = (tmp_path / "page.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert content.count(b"/Type /Page\n") == 1
    assert b"/Subtype /Image" in content
    assert "page.pdf" in opened.ui.statusLabel.text()


def screenshot(opened: Any, folder: Path) -> np.ndarray:
    """(HEIGHT, PANEL_PIXELS + VIEW_PIXELS, 3) uint8: panel and slice view."""
    from SpinoPelvicLib.panel.desktop import SlicerDesktop

    opened.parent.resize(PANEL_PIXELS, HEIGHT)
    opened.settle(0.05)
    opened.parent.grab().save(str(folder / "panel.png"))
    SlicerDesktop().writePicture(str(folder / "view.png"))
    pictures = [np.asarray(Image.open(folder / f"{name}.png").convert("RGB")) for name in ("panel", "view")]
    return np.hstack(pictures)
