"""Loss of height of a vertebral body, and its grade.

Source: Genant 1993, Vertebral fracture assessment using a semiquantitative technique, J Bone Miner Res 8:1137; the
three forms, wedge, biconcave and compression (here: crush), are those of Eastell 1991, J Bone Miner Res 6:207; what
each is compared with follows common practice and was not checked against her text.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sagittal.anatomy.clinical.body_heights import BodyHeights
from sagittal.anatomy.clinical.finding import AbsentError, Finding, absent
from sagittal.anatomy.clinical.limits import Steps
from sagittal.anatomy.clinical.spine import Spine

# Bodies this near are a reference; their median is that of healthy ones though one of them be fractured too.
NEIGHBOURHOOD = 2


def genant_findings(spine: Spine, heights: Mapping[str, BodyHeights], grades: Steps) -> tuple[Finding, ...]:
    """Of each lumbar body the greatest loss of height in %: none below 20, mild to 25, moderate to 40, else severe.

    Wedge: Ha against the body's own Hp. Biconcave: Hm against Hp. Crush: the smaller of the losses of Ha and Hp
    against the median of the bodies within two levels. By height alone: projection, Schmorl's nodes and old deformity
    are not told from fracture.
    """
    return tuple(_genant(spine, level, heights, grades) for level in spine.lumbar_levels)


def height_ratio_findings(spine: Spine, heights: Mapping[str, BodyHeights], grades: Steps) -> tuple[Finding, ...]:
    """Ha and Hm of each lumbar body in % of its Hp, each with its grade as a loss."""
    findings = []
    for level in spine.lumbar_levels:
        for kind in ("Ha", "Hm"):
            name, title = f"{kind}/Hp {level}", f"{level}: {kind} in percent of the posterior height"
            try:
                ratio = 100 * height_of(spine, level, kind, heights) / height_of(spine, level, "Hp", heights)
            except AbsentError as absence:
                findings.append(absent(name, title, "%", str(absence)))
                continue
            is_lost = grades.of(100 - ratio).points > 0
            findings.append(Finding(name, title, ratio, "%", None, None, "abnormal" if is_lost else "normal"))
    return tuple(findings)


def height_of(spine: Spine, level: str, kind: str, heights: Mapping[str, BodyHeights]) -> float:
    """Ha, Hm or Hp of a body, in film column widths.

    Raises:
        AbsentError: the body was not found, or its middle height cannot be told.
    """
    body = _heights_of(spine, level, heights)
    height = {"Ha": body.anterior, "Hm": body.middle, "Hp": body.posterior}[kind]
    if height is None:
        raise AbsentError(f"the middle height is absent: {body.why_no_middle}")
    return height


def _genant(spine: Spine, level: str, heights: Mapping[str, BodyHeights], grades: Steps) -> Finding:
    name, title = f"Genant {level}", f"Loss of height of {level}, Genant"
    try:
        body = _heights_of(spine, level, heights)
    except AbsentError as absence:
        return absent(name, title, "%", str(absence))
    losses, reasons = {"wedge": _loss(body.anterior, body.posterior)}, []
    if body.middle is None:
        reasons.append(f"a biconcave loss was not looked for: {body.why_no_middle}")
    else:
        losses["biconcave"] = _loss(body.middle, body.posterior)
    neighbours = _neighbours(spine, level, heights)
    if neighbours:
        anterior = _loss(body.anterior, float(np.median([other.anterior for other in neighbours])))
        posterior = _loss(body.posterior, float(np.median([other.posterior for other in neighbours])))
        losses["crush"] = min(anterior, posterior)
    else:
        reasons.append("a crush was not looked for: no neighbouring body was found")
    form = max(losses, key=lambda f: losses[f])
    loss = max(0.0, losses[form])
    step = grades.of(loss)
    return Finding(
        name=name,
        title=title,
        value=loss,
        unit="%",
        bounds=None,
        grade=f"{step.grade} {form}" if step.points else step.grade,
        status="abnormal" if step.points else "normal",
        reason="; ".join(reasons) or None,
    )


def _heights_of(spine: Spine, level: str, heights: Mapping[str, BodyHeights]) -> BodyHeights:
    spine.require(level)
    if level not in heights:
        raise AbsentError(f"two corners of {level} fall together")
    return heights[level]


def _neighbours(spine: Spine, level: str, heights: Mapping[str, BodyHeights]) -> list[BodyHeights]:
    order = spine.bodies_downwards
    place = order.index(level)
    near = order[max(0, place - NEIGHBOURHOOD) : place] + order[place + 1 : place + 1 + NEIGHBOURHOOD]
    return [heights[other] for other in near if other in heights]


def _loss(height: float, reference: float) -> float:
    return 100 * (1 - height / reference)
