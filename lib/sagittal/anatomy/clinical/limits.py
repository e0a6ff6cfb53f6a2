"""Limits of the classes and scores as frozen data, read from the JSON that the build compiles from configs/."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class Step:
    """A class: values below `bound`, or `bound` too where it is `closed`; without `bound` all that is above."""

    bound: float | None
    closed: bool
    points: int
    grade: str

    def holds(self, value: float) -> bool:
        if self.bound is None:
            return True
        return value <= self.bound if self.closed else value < self.bound


@dataclass(frozen=True)
class Steps:
    """Classes of a number, upwards; every number has one."""

    steps: tuple[Step, ...]

    def of(self, value: float) -> Step:
        """The class of a number; nothing is rounded."""
        return next(step for step in self.steps if step.holds(value))

    @property
    def points(self) -> tuple[int, int]:
        """The fewest and the most points that any number has."""
        points = [step.points for step in self.steps]
        return (min(points), max(points))


@dataclass(frozen=True)
class Ideal:
    """What pelvic incidence lets expect of a parameter, in degrees."""

    slope: float
    offset: float

    def of(self, incidence: float) -> float:
        return self.slope * incidence + self.offset


@dataclass(frozen=True)
class GapLimits:
    """Parts and classes of the GAP score."""

    ideal_sacral_slope: Ideal
    ideal_global_tilt: Ideal
    relative_pelvic_version: Steps
    relative_lumbar_lordosis: Steps
    lordosis_distribution_index: Steps
    relative_spinopelvic_alignment: Steps
    age: Steps
    score: Steps


@dataclass(frozen=True)
class SchwabLimits:
    """Modifiers of the SRS-Schwab classification that a lumbar film can tell."""

    incidence_less_lordosis: Steps
    pelvic_tilt: Steps


@dataclass(frozen=True)
class RoussoulyLimits:
    """Types by sacral slope, the anteverted type 3, and how well surgeons agree (kappa)."""

    sacral_slope: Steps
    anteverted_grade: str
    anteverted_incidence_below: float
    anteverted_tilt_below: float
    kappa: tuple[float, float]


@dataclass(frozen=True)
class SlipLimits:
    """Meyerding's grades by the amount of a slip in %; below `least_percent` there is none."""

    least_percent: float
    grades: Steps


@dataclass(frozen=True)
class ObliquityLimits:
    """Rotation of the pelvis (degrees) from which PI is unreliable; distance of the heads in radii of a head."""

    unreliable_rotation: float
    head_distance_in_radii: float


@dataclass(frozen=True)
class ComparisonLimits:
    """Instability (mm, degrees) and the difference of one adult's PI (degrees) that says that a film is wrong."""

    unstable_slip_mm: float
    unstable_angle: float
    incidence_tolerance: float


@dataclass(frozen=True)
class ClinicalLimits:
    """All limits; angles in degrees, indices and losses in %."""

    adult_age: float
    gap: GapLimits
    schwab: SchwabLimits
    roussouly: RoussoulyLimits
    slip: SlipLimits
    genant: Steps
    segmental_angle: Mapping[str, tuple[float, float]]
    disc_height_index: tuple[float, float]
    obliquity: ObliquityLimits
    comparison: ComparisonLimits

    @classmethod
    def from_json(cls, text: str) -> ClinicalLimits:
        """Read what `sagittal.configuration.compile` wrote.

        Raises:
            KeyError, ValueError: the text is no such JSON.
        """
        content = json.loads(text)["clinical"]
        gap, roussouly = content["gap"], content["roussouly"]
        anteverted = roussouly["anteverted"]
        return cls(
            adult_age=content["adult_age"],
            gap=GapLimits(
                ideal_sacral_slope=Ideal(**gap["ideal_sacral_slope"]),
                ideal_global_tilt=Ideal(**gap["ideal_global_tilt"]),
                relative_pelvic_version=_steps(gap["relative_pelvic_version"]),
                relative_lumbar_lordosis=_steps(gap["relative_lumbar_lordosis"]),
                lordosis_distribution_index=_steps(gap["lordosis_distribution_index"]),
                relative_spinopelvic_alignment=_steps(gap["relative_spinopelvic_alignment"]),
                age=_steps(gap["age"]),
                score=_steps(gap["score"]),
            ),
            schwab=SchwabLimits(**{name: _steps(steps) for name, steps in content["schwab"].items()}),
            roussouly=RoussoulyLimits(
                _steps(roussouly["sacral_slope"]),
                anteverted["grade"],
                anteverted["incidence_below"],
                anteverted["tilt_below"],
                _pair(roussouly["kappa"]),
            ),
            slip=SlipLimits(content["slip"]["least_percent"], _steps(content["slip"]["grades"])),
            genant=_steps(content["genant"]),
            segmental_angle=MappingProxyType({n: _pair(bounds) for n, bounds in content["segmental_angle"].items()}),
            disc_height_index=_pair(content["disc_height_index"]),
            obliquity=ObliquityLimits(**content["obliquity"]),
            comparison=ComparisonLimits(**content["comparison"]),
        )


def _steps(content: Iterable[Mapping[str, Any]]) -> Steps:
    return Steps(tuple(_step(step) for step in content))


def _step(content: Mapping[str, Any]) -> Step:
    closed = content["up_to"] is not None
    return Step(content["up_to"] if closed else content["below"], closed, content["points"], content["grade"])


def _pair(content: Any) -> tuple[float, float]:
    low, high = content
    return (low, high)


@cache
def default_limits() -> ClinicalLimits:
    """The limits that were compiled into the package.

    Raises:
        FileNotFoundError: the package was not built (install it, or run sagittal.configuration.compile).
    """
    return ClinicalLimits.from_json((Path(__file__).parents[1] / "definitions.json").read_text(encoding="utf-8"))
