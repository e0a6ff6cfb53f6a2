"""Times what the Slicer module does between a step of the hand and refreshed lines and table, on slicer-core.

Writes benchmarks/slicer_live_update.md. The rendering of the views is Slicer's own and is not in the figures.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sagittal.anatomy import measure_mask
from sagittal.films import write_label_map
from sagittal.inference import Inspection
from sagittal.report import result_as_json
from sagittal.simulator import load_simulator_config, simulate_film

ROOT = Path(__file__).parents[1]
ROWS = 3408  # height of the films in the published sets
STEPS = 40
GOAL_MS = 16


def slicer_with_a_scene() -> Any:
    """slicer-core as the tests set it up; puts the module on the path."""
    path = ROOT / "tests" / "slicer_extension" / "conftest.py"
    spec = importlib.util.spec_from_file_location("slicer_scene", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.SLICER


def measured_film(slicer: Any) -> tuple[Any, Any]:
    """The module's logic, and a full-size simulated film with its result in the scene."""
    from SpinoPelvicLib.film_logic import SceneFilmLogic
    from SpinoPelvicLib.replies import Inference, Label

    simulated = simulate_film(load_simulator_config(), 8, rows=ROWS)
    film = simulated.film
    measurement = measure_mask(simulated.class_mask, pixel_aspect=film.pixel_aspect, anterior=film.anterior)
    from sagittal.anatomy.definitions import default_definitions

    labels = {name: Label(name, s.id, s.color) for name, s in default_definitions().structures.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "label.nrrd"
        write_label_map(path, measurement.label_map, film)
        answer = Inference(labels, result_as_json(Inspection(film, measurement, "mask", None)), path.read_bytes())
    row, column = film.pixel_aspect
    node = slicer.util.addVolumeFromArray(film.pixels[np.newaxis], np.diag([-column, -row, 1.0, 1.0]), "film")
    logic = SceneFilmLogic()
    logic.showResult(node, answer)
    logic.watch(node)
    return logic, node


def timed(task: Callable[[int], None], count: int) -> tuple[float, float, float]:
    """Median and 95th percentile of wall time, and median CPU time, in ms."""
    wall, cpu = [], []
    for k in range(count):
        started, used = time.perf_counter(), time.process_time()
        task(k)
        wall.append(1000 * (time.perf_counter() - started))
        cpu.append(1000 * (time.process_time() - used))
    return statistics.median(wall), float(np.percentile(wall, 95)), statistics.median(cpu)


def drag(node: Any, point: int) -> Callable[[int], None]:
    """One step of a drag along a small circle about where the point lies."""
    start = np.array(node.GetNthControlPointPosition(point))

    def step(k: int) -> None:
        node.SetNthControlPointPosition(point, *(start + 0.4 * np.array([np.cos(k), np.sin(k), 0.0])))

    return step


def main() -> None:
    slicer = slicer_with_a_scene()
    from SpinoPelvicLib.landmarks import draggableNodes, landmarkName

    logic, film = measured_film(slicer)
    # As the panel does: it reads the tables at every change.
    sheets: list[Any] = []
    logic.sheetChanged.connect(lambda changed: sheets.append(logic.sheet(changed)))
    nodes = {landmarkName(node): node for node in draggableNodes(film)}
    rows = []
    for name, point, title in (
        ("S1 superior", 0, "dragging the S1 end plate"),
        ("L1 superior", 1, "dragging the superior end plate of L1"),
        ("femoral head 1", 0, "dragging a femoral head"),
        ("femoral head 1", 1, "dragging the rim of a femoral head"),
        ("hip axis", 0, "dragging the hip axis, both heads with it"),
    ):
        node = nodes[name]
        node.InvokeEvent(node.PointStartInteractionEvent)
        rows.append((title, *timed(drag(node, point), STEPS)))
        node.InvokeEvent(node.PointEndInteractionEvent)
    seen = len(sheets)
    assert seen >= 5 * STEPS, f"only {seen} of {5 * STEPS} steps reached the table"

    segments = logic.segmentation(film)
    segmentId = segments.GetSegmentation().GetSegmentIdBySegmentName("L3")
    mask = slicer.util.arrayFromSegmentBinaryLabelmap(segments, segmentId, film)

    def edit(k: int) -> None:
        slicer.util.updateSegmentBinaryLabelmapFromArray(np.roll(mask, k % 2, axis=1), segments, segmentId, film)
        logic.remeasure(film)

    rows.append(("an edited segment, measured anew when the hand rests", *timed(edit, 8)))
    rows.append(("undo and redo of it", *timed(lambda k: (logic.undo, logic.redo)[k % 2](film), 6)))
    (ROOT / "benchmarks" / "slicer_live_update.md").write_text(_page(rows, film), encoding="utf-8")


def _page(rows: list[tuple[str, float, float, float]], film: Any) -> str:
    columns, height, _slices = film.GetImageData().GetDimensions()
    drags = [row for row in rows if row[0].startswith("dragging")]
    wall, cpu = (max(row[k] for row in drags) for k in (1, 3))
    load = os.getloadavg()[0]
    verdict = (
        "kept" if wall <= GOAL_MS else f"**missed** on a machine with a load of {load:.0f} on {os.cpu_count()} cores"
    )
    lines = "\n".join("| {} | {:.1f} | {:.1f} | {:.1f} |".format(*row) for row in rows)
    return f"""# Live update in 3D Slicer

Written by `python benchmarks/slicer_live_update.py` on {platform.machine()}, slicer-core: from a step of the hand to
refreshed landmarks, lines, table node and the tables that the panel reads, on a simulated film of {columns}x{height}.
{STEPS} steps a drag. Slicer's own rendering is not in the figures. Goal: a median of at most {GOAL_MS} ms for a step
of a drag: {verdict} (slowest median {wall:.1f} ms of wall time, {cpu:.1f} ms of CPU time).

| step | median ms | 95 % of steps within | median CPU ms |
|---|---|---|---|
{lines}
"""


if __name__ == "__main__":
    main()
