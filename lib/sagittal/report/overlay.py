"""The overlay picture: the film with its findings on the left, the table on the right."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sagittal import NOT_FOR_CLINICAL_USE, __version__
from sagittal.anatomy.definitions import Definitions, default_definitions
from sagittal.report import style
from sagittal.report.film_panel import draw_film, film_view
from sagittal.report.table_panel import draw_table

if TYPE_CHECKING:
    from sagittal.inference import Inspection


def overlay_png(inspection: Inspection, *, definitions: Definitions | None = None) -> bytes:
    """The overlay as a PNG, 1600 pixels high whatever the film's size, in the film's true proportions."""
    file = io.BytesIO()
    figure = overlay_figure(inspection, definitions or default_definitions())
    figure.savefig(
        file,
        format="png",
        facecolor=style.BACKGROUND,
        metadata={"Software": f"sagittal {__version__}", "Comment": NOT_FOR_CLINICAL_USE},
    )
    return file.getvalue()


def overlay_figure(inspection: Inspection, definitions: Definitions) -> Figure:
    """The figure of `overlay_png`. Its first axes have the film's pixels as data frame, its second hold the table."""
    left, right, top, bottom = film_view(inspection.film, inspection.measurement.landmarks)
    row, column = inspection.film.pixel_aspect
    slender = (bottom - top) * row / ((right - left) * column)
    narrowest, widest = style.FILM_WIDTH
    area = min(max(style.HEIGHT / slender, narrowest), widest)
    height = min(style.HEIGHT, area * slender)
    width = height / slender
    total = area + style.PANEL_WIDTH
    figure = Figure(figsize=(total / style.DPI, style.HEIGHT / style.DPI), dpi=style.DPI)
    FigureCanvasAgg(figure)
    film_axes = figure.add_axes(
        (
            (area - width) / 2 / total,
            (style.HEIGHT - height) / 2 / style.HEIGHT,
            width / total,
            height / style.HEIGHT,
        )
    )
    draw_film(film_axes, inspection.film, inspection.measurement, definitions)
    draw_table(figure.add_axes((area / total, 0.0, style.PANEL_WIDTH / total, 1.0)), inspection, definitions)
    return figure
