"""Draws the bones of a patient as attenuation: vertebrae, sacrum, pelvis, femora, ribs.

Values are in units of the soft tissue's attenuation. Bone lines carry the signal, fills are faint.
"""

from __future__ import annotations

import numpy as np

from sagittal.simulator.canvas import Canvas, Points, ellipse_contour, spline
from sagittal.simulator.patient import Patient, SimulatedBody, cranial_normal, direction


def draw_bones(canvas: Canvas, patient: Patient, rng: np.random.Generator, *, bone: float, line: float) -> None:
    """Add all bones; `bone` scales fills, `line` scales cortical lines."""
    _pelvis(canvas, patient, rng, bone, line)
    _sacrum(canvas, patient, rng, bone, line)
    for head in patient.heads:
        _femur(canvas, patient, np.array(head.center), head.radius, rng, bone, line)
    for body in patient.bodies:
        _posterior_elements(canvas, body, patient.depth, rng, bone, line)
        _vertebral_body(canvas, body, patient.depth, rng, bone, line)
    _ribs(canvas, patient, rng, bone, line)


def _vertebral_body(
    canvas: Canvas, body: SimulatedBody, depth: float, rng: np.random.Generator, bone: float, line: float
) -> None:
    c = body.corners
    fill = bone * rng.uniform(0.06, 0.17)
    # Two rims, the near and the far one, half the offset either way: the truth lies between them.
    for side in (-0.5, 0.5):
        rim = body.contour + side * body.rim_offset
        canvas.fill(rim, fill / 2, soft_mm=0.3)
        canvas.line(rim, line * rng.uniform(0.015, 0.05), width_mm=rng.uniform(0.6, 1.1), soft_mm=0.25, closed=True)
    per_side = len(body.contour) // 4
    superior, inferior = body.contour[:per_side], body.contour[2 * per_side : 3 * per_side]
    for plate in (superior, inferior):
        strength = line * rng.uniform(0.07, 0.22)
        for side in (-0.5, 0.5):
            width = rng.uniform(0.6, 1.5)
            canvas.line(plate + side * body.rim_offset, strength / 2, width_mm=width, soft_mm=0.2)
    posterior = np.array([c.superior_posterior, c.inferior_posterior])
    canvas.line(posterior, line * rng.uniform(0.0, 0.06), width_mm=1.0, soft_mm=0.4)
    for corner in (c.superior_anterior, c.inferior_anterior, c.superior_posterior, c.inferior_posterior):
        if rng.random() < 0.2:
            outward = np.array(corner) - body.contour.mean(axis=0)
            tip = np.array(corner) + outward / np.linalg.norm(outward) * depth * rng.uniform(0.04, 0.16)
            spur = np.array([corner, tip + rng.normal(0, 0.03 * depth, 2)])
            canvas.line(spur, line * rng.uniform(0.05, 0.14), width_mm=rng.uniform(1.0, 3.0), soft_mm=0.5)


def _posterior_elements(
    canvas: Canvas, body: SimulatedBody, depth: float, rng: np.random.Generator, bone: float, line: float
) -> None:
    c = body.corners
    down = np.subtract(c.inferior_posterior, c.superior_posterior)
    back = np.subtract(c.superior_posterior, c.superior_anterior)
    back = back / np.linalg.norm(back)
    tilt = float(np.degrees(np.arctan2(back[1], back[0])))
    wall = np.array(c.superior_posterior)

    def place(behind: float, below: float) -> Points:
        return wall + back * behind * depth + down * below

    for _ in range(2):
        shift = rng.normal(0, 0.03 * depth, 2)
        pedicle = (place(0.13, 0.3) + shift, (0.2 * depth, 0.13 * depth))
        canvas.ellipse(*pedicle, bone * rng.uniform(0.02, 0.1), angle=tilt, soft_mm=1.0)
        canvas.line(
            ellipse_contour(*pedicle, tilt), line * rng.uniform(0.02, 0.08), width_mm=1, soft_mm=0.4, closed=True
        )
        facet = place(rng.uniform(0.32, 0.45), rng.uniform(-0.1, 0.1)) + shift
        lower = place(rng.uniform(0.38, 0.55), rng.uniform(0.9, 1.25)) + shift
        canvas.line(np.array([facet, lower]), bone * rng.uniform(0.015, 0.09), width_mm=depth * 0.2, soft_mm=2.0)
        canvas.line(
            spline([facet, (facet + lower) / 2 + rng.normal(0, 2, 2), lower]),
            line * rng.uniform(0.01, 0.08),
            width_mm=1.0,
            soft_mm=0.4,
        )
    # The foramen below the pedicle is what shines through.
    canvas.ellipse(
        place(0.14, 0.95), (0.12 * depth, 0.2 * depth), -bone * rng.uniform(0.0, 0.1), angle=tilt, soft_mm=1.5
    )
    spinous = place(rng.uniform(0.85, 1.05), rng.uniform(0.7, 1.0))
    canvas.ellipse(
        spinous,
        (0.32 * depth, 0.2 * depth),
        bone * rng.uniform(0.02, 0.08),
        angle=tilt + rng.uniform(0, 25),
        soft_mm=1.2,
    )
    if rng.random() < 0.6:
        outline = ellipse_contour(spinous, (0.32 * depth, 0.2 * depth), tilt + 15)
        canvas.line(outline, line * rng.uniform(0.01, 0.04), width_mm=0.9, soft_mm=0.5, closed=True)


def _sacrum(canvas: Canvas, patient: Patient, rng: np.random.Generator, bone: float, line: float) -> None:
    depth = patient.depth
    contour, center = patient.sacrum_contour, patient.sacrum_center_line
    anterior, posterior = np.array(patient.s1.anterior), np.array(patient.s1.posterior)
    canvas.fill(contour, bone * rng.uniform(0.015, 0.09), soft_mm=rng.uniform(0.5, 2.0))
    back, front = patient.sacrum_back, patient.sacrum_front
    plate_strength = line * rng.uniform(0.06, 0.2)
    jitter = rng.normal(0, 0.012 * depth, 2)
    for side in (-0.5, 0.5):
        canvas.line(
            np.array([anterior, posterior]) + side * jitter,
            plate_strength / 2,
            width_mm=rng.uniform(0.7, 1.8),
            soft_mm=0.3,
        )
    fading = int(len(front) * rng.uniform(0.45, 0.95))
    canvas.line(front[:fading], line * rng.uniform(0.03, 0.14), width_mm=rng.uniform(0.8, 1.6), soft_mm=0.3)
    canvas.line(back[2:], line * rng.uniform(0.02, 0.12), width_mm=rng.uniform(0.8, 1.8), soft_mm=0.4)
    # Remnants of the sacral discs and the crest behind the canal.
    for position in (0.22, 0.42, 0.6, 0.75):
        i = int(position * len(center))
        across = (back[min(i, len(back) - 1)] - front[min(i, len(front) - 1)]) * rng.uniform(0.25, 0.5)
        if rng.random() < 0.7:
            segment = np.array([center[i] - across, center[i] + across])
            canvas.line(segment, line * rng.uniform(0.01, 0.07), width_mm=1.2, soft_mm=0.6)
    for i in range(2, len(back) - 8, 5):
        bump = back[i] + (back[i] - center[i]) * rng.uniform(0.3, 0.8) + rng.normal(0, 1, 2)
        size = depth * rng.uniform(0.08, 0.16)
        canvas.ellipse(bump, (size, size * 1.3), bone * rng.uniform(0.02, 0.08), soft_mm=1.2)


def _pelvis(canvas: Canvas, patient: Patient, rng: np.random.Generator, bone: float, line: float) -> None:
    """Both iliac wings with sacral ala, sacro-iliac joint, pelvic brim, sciatic notch and acetabula."""
    depth = patient.depth
    ala = np.array(patient.s1.anterior) * 0.4 + (-cranial_normal(patient.sacral_slope)) * depth * 0.45
    ala_size = (depth * rng.uniform(0.55, 0.85), depth * rng.uniform(0.45, 0.75))
    canvas.ellipse(ala, ala_size, bone * rng.uniform(0.03, 0.12), angle=-patient.sacral_slope, soft_mm=depth * 0.12)
    wing = rng.uniform(0.015, 0.08) * bone
    for head in patient.heads:
        hip, radius = np.array(head.center), head.radius
        magnification = radius / patient.heads[0].radius
        size = depth * (0.75 + 0.25 * magnification)
        shift = rng.normal(0, 0.12 * depth, 2)
        _iliac_wing(canvas, patient, hip, size, shift, rng, wing, line)
        _acetabulum(canvas, hip, radius, rng, bone, line)


def _iliac_wing(
    canvas: Canvas,
    patient: Patient,
    hip: Points,
    size: float,
    shift: Points,
    rng: np.random.Generator,
    wing: float,
    line: float,
) -> None:
    posterior = direction(patient.sacral_slope)
    up = np.array([0.0, -1.0])
    forward = np.array([-1.0, 0.0])
    joint = posterior * size * 0.35 - cranial_normal(patient.sacral_slope) * size * 0.75 + shift
    spine_posterior = joint + posterior * size * rng.uniform(0.5, 0.9) + up * size * rng.uniform(0.1, 0.5)
    crest_top = up * size * rng.uniform(0.25, 1.25) + forward * size * rng.uniform(0.1, 0.9) + shift
    spine_anterior = hip + forward * size * rng.uniform(0.7, 1.5) + up * size * rng.uniform(1.0, 1.9)
    above_hip = hip + forward * size * rng.uniform(0.5, 0.8) + up * size * rng.uniform(0.35, 0.6)
    notch = hip * 0.55 + joint * 0.45 + np.array([size * rng.uniform(0.0, 0.35), 0])
    ischium = hip + np.array([size * rng.uniform(0.5, 0.9), size * rng.uniform(0.15, 0.5)])
    crest = spline(
        [spine_posterior, crest_top * 0.6 + spine_posterior * 0.4 + up * size * 0.25, crest_top, spine_anterior]
    )
    anterior = spline([spine_anterior, above_hip + forward * size * 0.15, above_hip])
    brim = spline(
        [joint, (joint + above_hip) / 2 + np.array([size * 0.12, size * 0.18]), hip + up * size * 0.62, above_hip]
    )
    sciatic = spline([spine_posterior, joint + np.array([size * 0.25, size * 0.35]), notch, ischium])
    canvas.fill(np.concatenate([crest, anterior, [hip], sciatic[::-1]]), wing, soft_mm=1.5)
    canvas.line(crest, line * rng.uniform(0.02, 0.1), width_mm=rng.uniform(0.8, 2.5), soft_mm=0.5)
    canvas.line(anterior, line * rng.uniform(0.01, 0.06), width_mm=1.0, soft_mm=0.5)
    canvas.line(brim, line * rng.uniform(0.05, 0.18), width_mm=rng.uniform(0.9, 2.2), soft_mm=0.4)
    canvas.line(sciatic, line * rng.uniform(0.03, 0.12), width_mm=rng.uniform(0.8, 1.8), soft_mm=0.4)
    # The sacro-iliac joint runs beside S1 and is easily mistaken for its plate.
    si = spline(
        [joint - cranial_normal(patient.sacral_slope) * size * -0.55, joint, joint + np.array([size * 0.2, size * 0.5])]
    )
    canvas.line(si + rng.normal(0, 0.05 * size, 2), line * rng.uniform(0.02, 0.12), width_mm=1.2, soft_mm=0.5)


def _acetabulum(canvas: Canvas, hip: Points, radius: float, rng: np.random.Generator, bone: float, line: float) -> None:
    wall = radius * rng.uniform(1.08, 1.22)
    start, end = np.radians(rng.uniform(160, 215)), np.radians(rng.uniform(330, 390))
    t = np.linspace(start, end, 40)
    roof = hip + wall * np.stack([np.cos(t), np.sin(t)], axis=1)
    canvas.line(roof, line * rng.uniform(0.05, 0.18), width_mm=rng.uniform(0.9, 2.6), soft_mm=0.4)
    canvas.ellipse(hip, (radius * 1.45, radius * 1.45), bone * rng.uniform(0.0, 0.05), soft_mm=3.0)


def _femur(
    canvas: Canvas,
    patient: Patient,
    center: Points,
    radius: float,
    rng: np.random.Generator,
    bone: float,
    line: float,
) -> None:
    canvas.ellipse(center, (radius, radius), bone * rng.uniform(0.02, 0.1), soft_mm=0.6)
    circle = ellipse_contour(center, (radius, radius), n=90)
    start = int(rng.integers(40, 55))
    arc = np.roll(circle, -start, axis=0)[: int(rng.uniform(0.45, 0.95) * 90)]
    canvas.line(arc, line * rng.uniform(0.04, 0.16), width_mm=rng.uniform(0.8, 1.6), soft_mm=0.3)
    angle = np.radians(rng.uniform(60, 120))
    shaft = center + np.array([np.cos(angle), np.sin(angle)]) * radius * rng.uniform(2.5, 4.0)
    canvas.line(
        np.array([center * 0.7 + shaft * 0.3, shaft]), bone * rng.uniform(0.03, 0.1), width_mm=radius * 1.2, soft_mm=3.0
    )
    side = np.array([-np.sin(angle), np.cos(angle)]) * radius * 0.65
    for sign in (-1, 1):
        canvas.line(
            np.array([center + sign * side + (shaft - center) * 0.25, shaft + sign * side]),
            line * rng.uniform(0.02, 0.1),
            width_mm=1.2,
            soft_mm=0.4,
        )


def _ribs(canvas: Canvas, patient: Patient, rng: np.random.Generator, bone: float, line: float) -> None:
    depth = patient.depth
    for body in patient.bodies:
        if not body.name.startswith("T"):
            continue
        root = np.array(body.corners.superior_posterior) + rng.normal(0, 0.1 * depth, 2)
        for _ in range(2):
            root = root + rng.normal(0, 0.12 * depth, 2)
            reach = rng.uniform(0.6, 2.4) * depth
            behind = root + np.array([rng.uniform(0.4, 0.8), rng.uniform(0.1, 0.5)]) * depth
            low = root + np.array([rng.uniform(-0.2, 0.4), rng.uniform(0.9, 1.5)]) * depth
            tip = low + np.array([-reach, reach * rng.uniform(0.25, 0.8)])
            path = spline([root, behind, low, tip])
            width = depth * rng.uniform(0.14, 0.22)
            canvas.line(path, bone * rng.uniform(0.02, 0.07), width_mm=width, soft_mm=0.6)
            for offset in (-width / 2, width / 2):
                canvas.line(path + np.array([0, offset]), line * rng.uniform(0.01, 0.07), width_mm=0.8, soft_mm=0.3)
