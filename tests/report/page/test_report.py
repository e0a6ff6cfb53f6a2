"""The page hides nothing that matters, runs over no edge, and is the same bytes for the same film."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from sagittal import __version__
from sagittal.anatomy.landmarks import Landmarks
from sagittal.anatomy.measurement import Quality
from sagittal.inference import Inspection
from sagittal.report import result_as_json
from sagittal.report.page import report, report_pdf
from sagittal.report.page.notes import Notes, draw_notes
from sagittal.report.page.sheet import HEIGHT, WIDTH, Sheet

Make = Callable[..., Inspection]
LONG = "a reason that goes on " * 12 + "withoutanyblank" * 12


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Figure]:
    """The figure of a report before it becomes a file."""

    def draw(inspection: Inspection, **arguments: Any) -> Figure:
        kept: list[Figure] = []
        as_bytes = report._as_bytes
        monkeypatch.setattr(report, "_as_bytes", lambda sheet, name: kept.append(sheet.figure) or as_bytes(sheet, name))
        report_pdf(inspection, **arguments)
        return kept[0]

    return draw


def words(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def boxes(figure: Figure) -> list[tuple[str, float, float, float, float]]:
    """(text, left, top, right, bottom) in mm of every text on the sheet itself."""
    # Fine enough that letters are not rounded to whole pixels, as they are not in a PDF.
    figure.set_dpi(720)
    renderer, scale = FigureCanvasAgg(figure).get_renderer(), 25.4 / figure.dpi
    found = []
    for text in figure.axes[0].texts:
        if text.get_text():
            left, bottom, right, top = (edge * scale for edge in text.get_window_extent(renderer).extents)
            found.append((text.get_text(), left, HEIGHT - top, right, HEIGHT - bottom))
    return found


def finding(number: int, **changes: Any) -> dict[str, Any]:
    plain = {"name": f"finding {number}", "title": "", "value": 1.5 * number, "unit": "deg", "bounds": None}
    return {**plain, "grade": None, "status": "normal", "reason": None, **changes}


def give_clinical(monkeypatch: pytest.MonkeyPatch, clinical: list[dict[str, Any]]) -> None:
    """Let every result that is printed have these findings."""
    monkeypatch.setattr(report, "result_as_json", lambda found: {**result_as_json(found), "clinical": clinical})


def hard(inspection: Inspection, shape: tuple[int, int]) -> Inspection:
    """Everything absent with reasons of its own that are far too long, on a film of another shape."""
    parameters = {
        name: replace(p, value=None, status="absent", reason=f"{number} {LONG}", interval_90=None)
        for number, (name, p) in enumerate(inspection.measurement.parameters.items())
    }
    measurement = replace(
        inspection.measurement,
        parameters=parameters,
        quality=Quality("not measurable", (LONG, LONG + LONG, "short")),
        warnings=(LONG, LONG),
        landmarks=Landmarks({}, None, (), None),
        label_map=np.zeros(shape, np.uint8),
    )
    identity = replace(inspection.film.identity, name="山 " + "a very long name " * 20)
    film = replace(inspection.film, pixels=np.full(shape, 0.5, np.float32), identity=identity)
    return replace(inspection, film=film, measurement=measurement, model="m" * 90)


def test_it_names_film_model_version_verdict_and_that_it_is_not_for_clinical_use(
    make_inspection: Make, drawn: Callable[..., Figure]
) -> None:
    shown = words(drawn(make_inspection()))
    text = "\n".join(shown)
    for expected in ("case one", "MEASURABLE", "bilunet", __version__, "NOT FOR CLINICAL USE", "Not for clinical use."):
        assert expected in text
    assert "LL starts at L1" in text


def test_every_parameter_stands_there_with_its_value_and_interval(
    make_inspection: Make, drawn: Callable[..., Figure]
) -> None:
    inspection = make_inspection()
    parameters = {
        name: replace(p, interval_90=(p.value - 1, p.value + 1))
        for name, p in inspection.measurement.parameters.items()
    }
    measured = replace(inspection, measurement=replace(inspection.measurement, parameters=parameters))
    shown = words(drawn(measured))
    for name, parameter in parameters.items():
        assert name in shown
        value = f"{round(parameter.value, 2):.1f}".replace("-", "−")
        assert any(word.startswith(value) for word in shown), name
    assert sum(" to " in word for word in shown) >= len(parameters)


def test_reasons_of_what_is_absent_are_numbered_notes(make_inspection: Make, drawn: Callable[..., Figure]) -> None:
    inspection = make_inspection(heads=())
    shown = words(drawn(inspection))
    reason = inspection.measurement.parameters["PI"].reason
    assert any(word.startswith("PI, PT") and reason in word for word in shown)
    assert shown.count("–") >= 8


def test_the_change_since_an_earlier_film_stands_beside_each_value(
    make_inspection: Make, drawn: Callable[..., Figure]
) -> None:
    inspection = make_inspection()
    earlier = result_as_json(make_inspection(path=Path("patient name/before.dcm")))
    earlier["parameters"]["PI"]["value"] -= 3.2
    earlier["parameters"]["SS"]["value"] = None
    shown = words(drawn(inspection, earlier=earlier))
    assert "+3.2°" in shown
    assert any(word == "change since before" for word in shown)
    assert not any("patient name" in word for word in shown)


def test_clinical_findings_stand_there_and_the_abnormal_are_marked(
    make_inspection: Make, drawn: Callable[..., Figure], monkeypatch: pytest.MonkeyPatch
) -> None:
    clinical = [
        finding(1, name="Schwab PT", value=22.0, grade="+", status="abnormal"),
        finding(2, name="GAP", value=None, unit="", bounds=[3.0, 7.0], grade="moderate", status="hint"),
        finding(4, name="GAP score", grade="moderately to severely disproportioned", reason="no age", status="hint"),
        finding(5, name="segmental L1L2", status="unranged"),
        finding(3, name="slip L4L5", value=None, status="absent", reason="no body L4"),
    ]
    monkeypatch.setattr(
        report, "result_as_json", lambda inspection: {**result_as_json(inspection), "clinical": clinical}
    )
    shown = words(drawn(make_inspection()))
    assert "! 22.0°, +" in shown
    assert "3 to 7, moderate" in shown
    assert "6.0° (1)" in shown
    assert "GAP score: moderately to severely disproportioned; no age" in shown
    assert "– (2)" in shown
    assert "slip L4L5: no body L4" in shown


@pytest.mark.parametrize("shape", [(600, 360), (360, 1200), (1200, 200)], ids=["upright", "landscape", "narrow"])
@pytest.mark.parametrize("findings", [0, 90])
def test_nothing_runs_over_the_edge_or_into_the_foot(
    make_inspection: Make,
    drawn: Callable[..., Figure],
    monkeypatch: pytest.MonkeyPatch,
    shape: tuple[int, int],
    findings: int,
) -> None:
    inspection = hard(make_inspection(), shape)
    clinical = [
        finding(k, name=f"finding {k} {LONG}", grade=LONG, reason=LONG, status="normal") for k in range(findings)
    ]
    monkeypatch.setattr(
        report, "result_as_json", lambda inspection: {**result_as_json(inspection), "clinical": clinical}
    )
    figure = drawn(inspection, earlier=result_as_json(make_inspection()), printed_on=date(2024, 2, 29))
    foot = HEIGHT - 15
    for text, left, top, right, bottom in boxes(figure):
        assert left >= 11.5, text
        assert right <= WIDTH - 11.5, text
        assert top >= 5, text
        assert bottom <= HEIGHT - 5, text
        is_foot = top > foot - 1
        assert is_foot or bottom < foot, text
    film = figure.axes[1].get_position()
    assert 0 < film.x0 < film.x1 < 1
    assert 0 < film.y0 < film.y1 < 1


def test_lines_beside_each_other_do_not_touch(make_inspection: Make, drawn: Callable[..., Figure]) -> None:
    inspection = make_inspection()
    parameters = {
        name: replace(p, value=-88.8, interval_90=(-99.9, -77.7), status="below" if p.range else "unranged")
        for name, p in inspection.measurement.parameters.items()
    }
    wide = replace(inspection, measurement=replace(inspection.measurement, parameters=parameters))
    figure = drawn(wide, earlier=result_as_json(make_inspection()))
    placed = boxes(figure)
    for i, (text, left, top, right, bottom) in enumerate(placed):
        for other, left2, top2, right2, bottom2 in placed[i + 1 :]:
            across = min(right, right2) - max(left, left2)
            down = min(bottom, bottom2) - max(top, top2)
            # Letters do not fill their boxes to the top and bottom, but to the sides they do.
            assert across < -0.5 or down < 0.9, (text, other)


def test_notes_that_do_not_fit_are_counted(make_inspection: Make) -> None:
    sheet = Sheet()
    notes = Notes(result_as_json(hard(make_inspection(), (600, 360))))
    draw_notes(sheet, 200, 12, 198, 230, notes)
    assert words(sheet.figure)[-1].startswith("… and ")


def test_notes_too_many_for_one_column_all_stand_in_more(make_inspection: Make) -> None:
    notes = Notes(result_as_json(make_inspection()))
    reasons = [f"an ordinary reason, as findings have it, number {k}" for k in range(14)]
    for k, reason in enumerate(reasons):
        notes.number(f"finding {k}", reason)
    sheet = Sheet()
    # Room for nine lines of the largest size.
    draw_notes(sheet, 200, 12, 198, 227, notes)
    shown = "\n".join(words(sheet.figure))
    assert all(reason in shown for reason in reasons)
    assert "more in the JSON file" not in shown
    assert all(right <= 198 and bottom <= 229 for _, _, _, right, bottom in boxes(sheet.figure))


def test_the_film_is_shown_in_its_true_proportions(make_inspection: Make, drawn: Callable[..., Figure]) -> None:
    def proportion(inspection: Inspection) -> float:
        figure = drawn(inspection)
        box = figure.axes[1].get_position()
        return float((box.width * WIDTH) / (box.height * HEIGHT))

    square, wide = (proportion(make_inspection(heads=(), pixel_aspect=a)) for a in ((1.0, 1.0), (1.0, 1.5)))
    assert square == pytest.approx(360 / 600, rel=1e-3)
    assert wide == pytest.approx(1.5 * square, rel=1e-3)


def test_the_same_film_gives_the_same_bytes(make_inspection: Make) -> None:
    assert report_pdf(make_inspection()) == report_pdf(make_inspection())


def test_it_is_one_page_of_a4_with_its_fonts_and_text_that_can_be_searched(
    make_inspection: Make, tmp_path: Path
) -> None:
    pages = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", report_pdf(make_inspection()))
    assert [(round(float(w)), round(float(h))) for w, h in pages] == [(595, 842)]
    assert b"/FontFile2" in report_pdf(make_inspection())
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed (apt-get install poppler-utils)")
    (tmp_path / "page.pdf").write_bytes(report_pdf(make_inspection()))
    command = ["pdftotext", "-layout", str(tmp_path / "page.pdf"), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "NOT FOR CLINICAL USE" in text
    assert "Pelvic incidence" in text
