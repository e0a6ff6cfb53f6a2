"""From an empty scene to a submitted label, click by click, against the real server."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import PySide6  # noqa: F401 - Qt's methods are methods only in modules that import it
import pytest
from desktop.qt_module import FileDialog
from door import door_before
from SpinoPelvicLib.client import Client
from SpinoPelvicLib.results import END_PLATE, resultNodes


def table_texts(opened: Any) -> dict[str, list[str]]:
    """Texts of the table by the first of each row."""
    table = opened.ui.parameterTable
    rows = [
        [table.item(row, column).text() for column in range(table.columnCount()) if table.item(row, column)]
        for row in range(table.rowCount())
    ]
    return {row[0].removesuffix(" ✎"): row[1:] for row in rows}


@pytest.fixture
def from_disk(opened: Any, sagittal_server: Any, tmp_path: Path) -> Any:
    """A film that the server does not hold, opened from disk while the panel is connected."""
    path = tmp_path / "film from disk.png"
    path.write_bytes((sagittal_server.studies / "sim-12.png").read_bytes())
    opened.connect(sagittal_server.url)
    FileDialog.answers[:] = [[path]]
    opened.ui.openButton.click()
    return opened


def test_connecting_shows_what_the_server_offers_and_folds_itself_away(opened: Any, sagittal_server: Any) -> None:
    assert not opened.ui.segmentButton.isEnabled()
    assert "Connect" in opened.ui.segmentButton.toolTip()
    opened.connect(sagittal_server.url)
    ui = opened.ui
    assert "connected to Sagittal" in ui.stateLabel.text()
    assert "spine" in [ui.modelSelector.itemData(index) for index in range(ui.modelSelector.count())]
    assert ui.strategySelector.count() >= 2
    assert ui.filmsProgressBar.maximum() >= 3
    assert ui.connectButton.text() == "Disconnect"
    assert ui.serverSection.collapsed
    assert "labelled" in ui.serverSection.text


def test_the_next_film_of_the_server_is_shown_alone_and_never_mirrored(opened: Any, sagittal_server: Any) -> None:
    opened.connect(sagittal_server.url)
    opened.ui.nextFilmButton.click()
    opened.finish()
    film, red = opened.film, opened.desktop.layoutManager().sliceWidget("Red")
    assert film is not None
    assert opened.ui.filmSelector.currentNode() is film
    assert red.sliceLogic().GetBackgroundLayer().GetVolumeNode() is film
    assert red.mrmlSliceNode().GetOrientation() == "Axial"
    assert "×" in opened.ui.factsLabel.text()
    assert opened.ui.segmentButton.isEnabled()
    assert not opened.ui.submitNextButton.isEnabled()


def test_a_film_is_not_sent_before_the_user_agrees(from_disk: Any) -> None:
    from_disk.desktop.agrees = False
    from_disk.ui.segmentButton.click()
    assert "without name and dates of the patient" in from_disk.desktop.questions[0]
    assert from_disk.workflow.busy is None


def test_one_click_segments_and_measures_a_film_from_disk(from_disk: Any) -> None:
    from_disk.ui.segmentButton.click()
    assert from_disk.ui.progressBar.isVisible()
    assert from_disk.ui.cancelButton.isVisible()
    assert not from_disk.ui.segmentButton.isEnabled()
    from_disk.finish()
    assert not from_disk.ui.progressBar.isVisible()
    assert from_disk.ui.verdictLabel.text()
    texts = table_texts(from_disk)
    assert {"PI", "PT", "SS", "LL", "L4S1"} <= set(texts)
    assert texts["SS"][0].endswith("°")
    assert from_disk.ui.submitNextButton.isEnabled()
    _forget(from_disk)


def test_a_dragged_end_plate_changes_the_table_at_once_and_undo_brings_it_back(from_disk: Any) -> None:
    from_disk.ui.segmentButton.click()
    from_disk.finish()
    before = table_texts(from_disk)
    plate = next(node for node in resultNodes(from_disk.film, END_PLATE) if node.GetName().startswith("S1"))
    position = [0.0, 0.0, 0.0]
    plate.GetNthControlPointPositionWorld(0, position)
    position[1] += 20.0
    plate.SetNthControlPointPositionWorld(0, position)
    assert table_texts(from_disk)["SS"][0] != before["SS"][0]
    assert "S1" in from_disk.ui.editedLabel.text()
    assert from_disk.ui.editedLabel.isVisible()
    from_disk.settle(0.05)
    from_disk.ui.undoButton.click()
    assert table_texts(from_disk) == before
    assert not from_disk.ui.editedLabel.isVisible()
    from_disk.ui.redoButton.click()
    assert table_texts(from_disk)["SS"][0] != before["SS"][0]
    from_disk.ui.resetButton.click()
    assert table_texts(from_disk) == before
    _forget(from_disk)


def test_submitting_is_acknowledged_and_the_next_film_comes(from_disk: Any, sagittal_server: Any) -> None:
    from_disk.ui.segmentButton.click()
    from_disk.finish()
    submitted, said = from_disk.film, []
    from_disk.workflow.said.connect(said.append)
    from_disk.ui.submitNextButton.click()
    from_disk.finish()
    assert any("Sagittal" in text for text in said), said
    assert from_disk.film is not submitted
    _forget(from_disk)


def test_the_token_is_kept_in_the_settings_and_nowhere_else(
    opened: Any, slicer: Any, sagittal_server: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from PySide6 import QtCore

    caplog.set_level(logging.DEBUG)
    with door_before(sagittal_server.url) as door:
        opened.ui.tokenEdit.setText("s3cret-token")
        opened.connect(door.url)
        opened.ui.nextFilmButton.click()
        opened.finish()
        assert {token for _method, _path, token in door.seen} == {"Bearer s3cret-token"}
        assert QtCore.QSettings().value("SpinoPelvic/ServerToken") == "s3cret-token"
        door.shut = True
        opened.ui.segmentButton.click()
        opened.finish()
    assert slicer.mrmlScene.GetURL() is not None
    scene = tmp_path / "scene.mrml"
    slicer.mrmlScene.SetURL(str(scene))
    slicer.mrmlScene.Commit()
    assert "vtkMRMLScalarVolume" in scene.read_text() or "<Volume" in scene.read_text()
    assert "s3cret" not in scene.read_text() + caplog.text + opened.ui.statusLabel.text()


def test_what_was_chosen_is_there_again_when_the_module_is_opened_anew(opened: Any, sagittal_server: Any) -> None:
    from desktop.scripted import ModuleWidget
    from SpinoPelvic import SpinoPelvicWidget

    opened.connect(sagittal_server.url)
    opened.ui.modelSelector.setCurrentIndex(opened.ui.modelSelector.findData("bilunet"))
    opened.ui.strategySelector.setCurrentIndex(opened.ui.strategySelector.findData("random"))
    again = SpinoPelvicWidget(ModuleWidget())
    again.setup()
    try:
        assert again.ui.addressEdit.text() == sagittal_server.url
        again.enter()
        opened.wait(lambda: again.logic.workflow.server.connected)
        assert again.ui.modelSelector.currentData() == "bilunet"
        assert again.ui.strategySelector.currentData() == "random"
    finally:
        again.exit()
        again.cleanup()


def _forget(opened: Any) -> None:
    """Have the server forget the films that these tests sent to it, and their labels."""
    from SpinoPelvicLib.film import imageIdOn

    client = Client(opened.ui.addressEdit.text())
    for film in _films():
        imageId = imageIdOn(client.address, film)
        if imageId is not None and not imageId.startswith("sim-"):
            client.removeFilm(imageId)


def _films() -> list[Any]:
    import slicer

    return list(slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode"))
