"""Many films on one picture, to be looked at."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
NOTE = "Not for clinical use"


def contact_sheet(films: Sequence[tuple[str, npt.NDArray[np.float32]]], *, rows: int = 480, across: int = 6) -> Picture:
    """Named films (rows, columns) in 0..1, each scaled to `rows` pixels height, `across` side by side (grey, 8 bit).

    Raises:
        ValueError: there are none.
    """
    if not films:
        raise ValueError("a contact sheet needs films, got none")
    shown = [_labelled(name, _to_height(film, rows)) for name, film in films]
    width = max(picture.shape[1] for picture in shown)
    padded = [np.pad(picture, ((0, 0), (0, width - picture.shape[1]))) for picture in shown]
    blank = np.zeros_like(padded[0])
    padded += [blank] * (-len(padded) % across if len(padded) > across else 0)
    lines = [np.hstack(padded[start : start + across]) for start in range(0, len(padded), across)]
    sheet = np.ascontiguousarray(np.vstack(lines))
    cv2.putText(sheet, NOTE, (6, sheet.shape[0] - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 255, 1, cv2.LINE_AA)
    return np.asarray(sheet, dtype=np.uint8)


def _to_height(film: npt.NDArray[np.float32], rows: int) -> Picture:
    columns = max(1, round(film.shape[1] * rows / film.shape[0]))
    way = cv2.INTER_AREA if rows < film.shape[0] else cv2.INTER_LINEAR
    return np.asarray(np.round(cv2.resize(film, (columns, rows), interpolation=way) * 255), dtype=np.uint8)


def _labelled(name: str, picture: Picture) -> Picture:
    strip = np.zeros((22, picture.shape[1]), np.uint8)
    cv2.putText(strip, name, (4, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.45, 255, 1, cv2.LINE_AA)
    return np.vstack([strip, picture])
