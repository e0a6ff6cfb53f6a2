"""Labels and parameters as frozen data, read from the JSON that the build compiles from configs/."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType


@dataclass(frozen=True)
class ClassDefinition:
    """A class that networks emit: its id in a class mask and its colour (RGB, 0..255)."""

    name: str
    id: int
    color: tuple[int, int, int]


@dataclass(frozen=True)
class StructureDefinition:
    """A structure of a label map: id, class, colour (RGB, 0..255) and SNOMED CT code."""

    name: str
    id: int
    class_name: str
    color: tuple[int, int, int]
    code: str
    meaning: str


@dataclass(frozen=True)
class ParameterDefinition:
    """A parameter: unit (`deg` or `%`), definition, standard range (lower, upper) or None, source."""

    name: str
    title: str
    unit: str
    definition: str
    range: tuple[float, float] | None
    source: str
    published_range_width: float | None


@dataclass(frozen=True)
class QualityLimits:
    """Half widths of 90 % intervals (degrees) beyond which a judged parameter asks for caution, or says nothing, and
    the standard deviation (degrees) of each judged parameter among adults."""

    caution_half_width: float
    stop_half_width: float
    adult_spread: Mapping[str, float]


@dataclass(frozen=True)
class Definitions:
    """All that the anatomy must know about labels and parameters; insertion order is display order."""

    classes: Mapping[str, ClassDefinition]
    structures: Mapping[str, StructureDefinition]
    levels_from_sacrum: tuple[str, ...]
    landmark_channels: tuple[str, ...]
    parameters: Mapping[str, ParameterDefinition]
    ldi_minimum_lordosis: float
    value_branch: tuple[str, ...]
    uncertainty: Mapping[str, float]
    spacing: Mapping[str, float]
    slopes: Mapping[str, Mapping[str, tuple[float, float]]]
    fusion: Mapping[str, float]
    calibration: Mapping[str, float]
    quality: QualityLimits

    @property
    def class_of_structure(self) -> Mapping[int, int]:
        """Structure id -> class id."""
        return {s.id: self.classes[s.class_name].id for s in self.structures.values()}

    @classmethod
    def from_json(cls, text: str) -> Definitions:
        """Read what `sagittal.configuration.compile` wrote.

        Raises:
            KeyError, ValueError: the text is no such JSON.
        """
        content = json.loads(text)
        return cls(
            classes=MappingProxyType(
                {n: ClassDefinition(n, c["id"], tuple(c["color"])) for n, c in content["classes"].items()}
            ),
            structures=MappingProxyType(
                {
                    n: StructureDefinition(n, s["id"], s["class"], tuple(s["color"]), s["code"], s["meaning"])
                    for n, s in content["structures"].items()
                }
            ),
            levels_from_sacrum=tuple(content["levels_from_sacrum"]),
            landmark_channels=tuple(content["landmark_channels"]),
            parameters=MappingProxyType(
                {
                    n: ParameterDefinition(
                        n,
                        p["title"],
                        p["unit"],
                        p["definition"],
                        tuple(p["range"]) if p["range"] is not None else None,
                        p["source"],
                        p["published_range_width"],
                    )
                    for n, p in content["parameters"].items()
                }
            ),
            ldi_minimum_lordosis=content["ldi_minimum_lordosis"],
            value_branch=tuple(content["value_branch"]),
            uncertainty=MappingProxyType(dict(content["uncertainty"])),
            spacing=MappingProxyType(dict(content["spacing"])),
            slopes=MappingProxyType(
                {n: MappingProxyType({k: (v[0], v[1]) for k, v in of.items()}) for n, of in content["slopes"].items()}
            ),
            fusion=MappingProxyType(dict(content["fusion"])),
            calibration=MappingProxyType(dict(content["calibration"])),
            quality=QualityLimits(
                content["quality"]["caution_half_width"],
                content["quality"]["stop_half_width"],
                MappingProxyType(dict(content["quality"]["adult_spread"])),
            ),
        )


@cache
def default_definitions() -> Definitions:
    """The definitions that were compiled into the package.

    Raises:
        FileNotFoundError: the package was not built (install it, or run sagittal.configuration.compile).
    """
    return Definitions.from_json(Path(__file__).with_name("definitions.json").read_text(encoding="utf-8"))
