"""How far each segment moves between flexion and extension, and whether that is more than a stable one does.

Source: translation beyond 3 mm and rotation of the disc beyond 12 degrees, limits set for this project; publications
differ (White and Panjabi 1990, Clinical Biomechanics of the Spine; Dupuis 1985, Spine 10:262, on the method), and
neither was at hand to check them against.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from sagittal.anatomy.clinical.limits import ComparisonLimits
from sagittal.anatomy.comparison.compared_film import ComparedFilm

Verdict = Literal["stable", "unstable", "open"]
SLIP, SLIP_LENGTH = "slip ", "slip length "


@dataclass(frozen=True)
class SegmentMotion:
    """The greatest differences between any two films of a segment: disc angle (degrees) and slip (mm, %).

    `verdict` is "open" where one of both criteria could not be judged and the other is not met; `reasons` say what
    made it unstable, or what could not be judged.
    """

    segment: str
    angle: float | None
    slip_mm: float | None
    slip_percent: float | None
    verdict: Verdict
    reasons: tuple[str, ...]


def segment_motions(films: Sequence[ComparedFilm], limits: ComparisonLimits) -> tuple[SegmentMotion, ...]:
    """Of every segment that has a slip on any film, from above. Every film must have a value: none is guessed.

    An angle of more than 12 degrees or a slip of more than 3 mm is unstable. The limit in mm is judged only where the
    spacing of every film can be trusted.
    """
    segments = dict.fromkeys(_segments(films))
    return tuple(_motion(segment, films, limits) for segment in segments)


def _segments(films: Sequence[ComparedFilm]) -> list[str]:
    names = [name for film in films for name in film.findings if name.startswith(SLIP)]
    return [name[len(SLIP) :] for name in names if not name.startswith(SLIP_LENGTH)]


def _motion(segment: str, films: Sequence[ComparedFilm], limits: ComparisonLimits) -> SegmentMotion:
    angle, why_no_angle = _range(films, lambda film: _angle(film, segment))
    percent, why_no_slip = _range(films, lambda film: _finding(film, SLIP + segment))
    mm, why_no_mm = _range(films, lambda film: _finding(film, SLIP_LENGTH + segment))
    moved = []
    if angle is not None and angle > limits.unstable_angle:
        moved.append(f"the disc turns by {angle:.1f} degrees, more than {limits.unstable_angle:g}")
    if mm is not None and mm > limits.unstable_slip_mm:
        moved.append(f"the body slips by {mm:.1f} mm, more than {limits.unstable_slip_mm:g}")
    if moved:
        return SegmentMotion(segment, angle, mm, percent, "unstable", tuple(moved))
    unjudged = []
    if why_no_angle is not None:
        unjudged.append(f"angle: {why_no_angle}")
    if why_no_slip is not None:
        unjudged.append(f"slip: {why_no_slip}")
    elif why_no_mm is not None:
        unjudged.append(
            f"slip: {limits.unstable_slip_mm:g} mm cannot be judged without a spacing that can be trusted on every film"
        )
    return SegmentMotion(segment, angle, mm, percent, "open" if unjudged else "stable", tuple(unjudged))


def _range(
    films: Sequence[ComparedFilm], read: Callable[[ComparedFilm], tuple[float | None, str | None]]
) -> tuple[float | None, str | None]:
    """Greatest less least value of all films, or why one of them has none."""
    values = []
    for film in films:
        value, reason = read(film)
        if value is None:
            return None, f"{reason} ({film.name})"
        values.append(value)
    return max(values) - min(values), None


def _angle(film: ComparedFilm, segment: str) -> tuple[float | None, str | None]:
    parameter = film.parameters.get(segment)
    if parameter is None:
        return None, "no disc angle was measured"
    return parameter.value, parameter.reason


def _finding(film: ComparedFilm, name: str) -> tuple[float | None, str | None]:
    finding = film.findings.get(name)
    if finding is None:
        return None, "it was not measured"
    return finding.value, finding.reason
