"""Several films of one subject, beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sagittal.anatomy.clinical.limits import ClinicalLimits, default_limits
from sagittal.anatomy.comparison.changes import Change, finding_changes, parameter_changes
from sagittal.anatomy.comparison.compared_film import ComparedFilm
from sagittal.anatomy.comparison.incidence import incidence_flag
from sagittal.anatomy.comparison.instability import SegmentMotion, segment_motions


class ComparisonError(ValueError):
    """Films that cannot be compared."""


@dataclass(frozen=True)
class Comparison:
    """What changed from the first film to the later ones.

    `segments` tells how each one moves where the films are flexion and extension, else it is empty. `flags` say that
    the films contradict each other.
    """

    films: tuple[ComparedFilm, ...]
    parameters: tuple[Change, ...]
    findings: tuple[Change, ...]
    segments: tuple[SegmentMotion, ...]
    flags: tuple[str, ...]


def compare(
    films: Sequence[ComparedFilm],
    *,
    dynamic: bool = False,
    any_subject: bool = False,
    limits: ClinicalLimits | None = None,
) -> Comparison:
    """Compare two films or more; changes are told against the first.

    Args:
        films: of one subject, in the order of time.
        dynamic: they show one spine in flexion and extension: tell which segments are unstable.
        any_subject: compare films of different subjects too.
        limits: default: those of the package.

    Raises:
        ComparisonError: fewer than two films, two of one name, or films that are said to be of different subjects.
    """
    limits = limits or default_limits()
    names = [film.name for film in films]
    if len(films) < 2:
        raise ComparisonError(f"a comparison needs two films or more, got {len(films)}")
    if len(set(names)) < len(names):
        raise ComparisonError(f"every film needs a name of its own, got {', '.join(names)}")
    subjects = dict.fromkeys(film.subject for film in films if film.subject is not None)
    if len(subjects) > 1 and not any_subject:
        raise ComparisonError(f"these are films of different subjects: {', '.join(subjects)}")
    flag = None
    if len(subjects) < 2:
        tolerance = limits.comparison.incidence_tolerance
        flag = incidence_flag(films, tolerance=tolerance, adult_age=limits.adult_age)
    return Comparison(
        films=tuple(films),
        parameters=parameter_changes(films),
        findings=finding_changes(films),
        segments=segment_motions(films, limits.comparison) if dynamic else (),
        flags=() if flag is None else (flag,),
    )
