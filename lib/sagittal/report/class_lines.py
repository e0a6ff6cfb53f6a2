"""Clinical findings in a few lines: the classes of the whole spine, and of the levels those that stand out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sagittal.anatomy.clinical import FindingStatus
from sagittal.report.text import finding_value_text

WHOLE_SPINE = {
    "GAP": "GAP score",
    "Schwab PI-LL": "Schwab PI-LL",
    "Schwab PT": "Schwab PT",
    "Roussouly": "Roussouly",
    "lumbar bodies": "Lumbar bodies",
    "head obliquity": "Heads apart",
}
# Of a family of findings, one a level: its title, and what to say where none stands out.
LEVELS = {"slip": ("Slips", "none"), "Genant": ("Loss of height", "none"), "disc height index": ("Discs", "as usual")}
WORST_FIRST: tuple[FindingStatus, ...] = ("abnormal", "hint", "normal", "unranged", "absent")


@dataclass(frozen=True)
class ClassLine:
    """A line: what it is about, what there is to say, and how grave it is."""

    title: str
    text: str
    status: FindingStatus


def class_lines(clinical: Sequence[Mapping[str, Any]]) -> tuple[ClassLine, ...]:
    """Lines of the findings of a result's JSON; none where it has no findings.

    Of the levels what stands out is named with its value; a level that could not be looked at is named too.
    """
    by_name = {finding["name"]: finding for finding in clinical}
    lines = [_line(title, by_name[name]) for name, title in WHOLE_SPINE.items() if name in by_name]
    for family, (title, ordinary) in LEVELS.items():
        levels = {name[len(family) + 1 :]: f for name, f in by_name.items() if name.rpartition(" ")[0] == family}
        if levels:
            lines.append(_levels_line(title, ordinary, levels))
    return tuple(lines)


def _line(title: str, finding: Mapping[str, Any]) -> ClassLine:
    if finding["status"] == "absent":
        return ClassLine(title, f"absent: {finding['reason']}", "absent")
    said = finding_value_text(finding)
    if finding["name"] == "head obliquity":
        # The number alone says little.
        said = f"{said}, {finding['reason']}"
    return ClassLine(title, said, finding["status"])


def _levels_line(title: str, ordinary: str, levels: Mapping[str, Mapping[str, Any]]) -> ClassLine:
    absent = [level for level, finding in levels.items() if finding["status"] == "absent"]
    if len(absent) == len(levels):
        return ClassLine(title, f"absent: {next(iter(levels.values()))['reason']}", "absent")
    standing_out = {level: f for level, f in levels.items() if f["status"] in ("abnormal", "hint")}
    said = "; ".join(f"{level} {finding_value_text(finding)}" for level, finding in standing_out.items()) or ordinary
    if absent:
        said += f" (not told: {', '.join(absent)})"
    worst = min((finding["status"] for finding in levels.values()), key=WORST_FIRST.index)
    return ClassLine(title, said, worst)
