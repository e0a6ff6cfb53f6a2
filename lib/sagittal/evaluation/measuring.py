"""Scores of a measurement against the exact truth of a simulated film: names, errors, absences, intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sagittal.anatomy.definitions import default_definitions
from sagittal.anatomy.landmarks import Body, Landmarks
from sagittal.anatomy.measurement import Measurement, ParameterValue

LabelMap = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class MeasurementScore:
    """One film: error (found minus true) and interval by parameter, what is absent or invented, levels named wrong.

    `covered` says for each parameter that has an interval whether that holds the truth. `absent` has the reason by
    parameter that the truth has, `invented` the parameters that only the measurement has. `wrong_names` are the levels
    whose found centre does not lie in the true body of that name.
    """

    errors: Mapping[str, float]
    covered: Mapping[str, bool]
    absent: Mapping[str, str]
    invented: tuple[str, ...]
    wrong_names: tuple[str, ...]


def score_measurement(
    measured: Measurement, label_map: LabelMap, parameters: Mapping[str, ParameterValue]
) -> MeasurementScore:
    """Compare with the true `label_map` (rows, columns, structure ids on the film's grid) and parameters."""
    errors, covered, absent, invented = {}, {}, {}, []
    for name, truth in parameters.items():
        found = measured.parameters[name]
        if truth.value is None:
            invented += [name] if found.value is not None else []
        elif found.value is None:
            absent[name] = found.reason or ""
        else:
            errors[name] = found.value - truth.value
            if found.interval_90 is not None:
                low, high = found.interval_90
                covered[name] = low <= truth.value <= high
    return MeasurementScore(errors, covered, absent, tuple(invented), wrong_names(measured.landmarks, label_map))


def wrong_names(landmarks: Landmarks, label_map: LabelMap) -> tuple[str, ...]:
    """Levels whose centre lies outside the true body of that name."""
    ids = {name: structure.id for name, structure in default_definitions().structures.items()}
    rows, columns = label_map.shape
    wrong = []
    for name, body in landmarks.bodies.items():
        x, y = _center(body)
        column, row = int(np.clip(round(x), 0, columns - 1)), int(np.clip(round(y), 0, rows - 1))
        if label_map[row, column] != ids[name]:
            wrong.append(name)
    return tuple(wrong)


@dataclass(frozen=True)
class ParameterSummary:
    """Of one parameter over films: mean absolute error, 99th percentile, share of intervals that hold the truth.

    `known` films have it in truth, on `absent` of these it was not measured. Figures of nothing are None.
    """

    known: int
    absent: int
    mean_error: float | None
    percentile_99: float | None
    coverage: float | None


def summarize(scores: Sequence[MeasurementScore]) -> dict[str, ParameterSummary]:
    """A summary by parameter, in the definitions' order."""
    summaries = {}
    for name in default_definitions().parameters:
        errors = np.abs([score.errors[name] for score in scores if name in score.errors])
        absent = sum(name in score.absent for score in scores)
        covered = [score.covered[name] for score in scores if name in score.covered]
        summaries[name] = ParameterSummary(
            known=len(errors) + absent,
            absent=absent,
            mean_error=float(errors.mean()) if errors.size else None,
            percentile_99=float(np.percentile(errors, 99)) if errors.size else None,
            coverage=float(np.mean(covered)) if covered else None,
        )
    return summaries


def absence_reasons(scores: Iterable[MeasurementScore]) -> Counter[str]:
    """How many films give each reason for what is absent; numbers and levels in the reasons are left out."""
    counts: Counter[str] = Counter()
    for score in scores:
        counts.update({_kind(reason) for reason in score.absent.values()})
    return counts


def _kind(reason: str) -> str:
    levels = default_definitions().structures
    words = ["<level>" if w.strip(":,;'s") in levels else "<number>" if _is_number(w) else w for w in reason.split()]
    return " ".join(words)


def _is_number(word: str) -> bool:
    return word.strip("().,").replace(".", "", 1).lstrip("-").isdigit()


def _center(body: Body) -> npt.NDArray[np.float64]:
    corners = (body.superior_anterior, body.superior_posterior, body.inferior_anterior, body.inferior_posterior)
    return np.mean(np.array(corners), axis=0)
