"""What is unusual in a spine is what the configuration asks for, and the label rule holds for it too."""

from __future__ import annotations

import numpy as np
import pytest
from sagittal.anatomy import measure_mask
from sagittal.simulator import SimulatorConfig, load_simulator_config
from sagittal.simulator.config import VariantsConfig, hard_config
from sagittal.simulator.film import simulate_truth
from sagittal.simulator.patient import CHAIN, Patient, sample_patient
from sagittal.simulator.skeleton.ribs import ribs
from sagittal.simulator.variants import Variants, sample_variants

CONFIG = load_simulator_config()
KINDS: dict[str, dict[str, float]] = {
    "four bodies": {"four_bodies_probability": 1.0, "transition_share": 1.0},
    "six bodies": {"six_bodies_probability": 1.0, "transition_share": 1.0},
    "block": {"block_probability": 1.0},
    "biconcave": {"biconcave_share": 1.0},
    "crush": {"crush_share": 1.0},
    "retrolisthesis": {"retrolisthesis_share": 1.0},
    "scoliosis": {"scoliosis_probability": 1.0},
    "spurs": {"spur_probability": 0.5},
    "bent": {"bending_probability": 1.0},
}


def with_variants(kind: str, **anatomy: float) -> SimulatorConfig:
    """A configuration whose only variants are of one kind."""
    content = CONFIG.model_dump()
    ranges = {
        name: content["anatomy"]["variants"][name]
        for name in ("scoliosis_turn", "scoliosis_tilt", "spur_length", "bending")
    }
    content["anatomy"] |= {"variants": ranges | KINDS[kind], **anatomy}
    return SimulatorConfig.model_validate(content)


def patients(kind: str, count: int = 12, **anatomy: float) -> list[Patient]:
    config = with_variants(kind, **anatomy)
    return [sample_patient(config.anatomy, np.random.default_rng(seed)) for seed in range(count)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_anatomy_measures_on_the_exact_mask_what_is_true(kind: str) -> None:
    config = with_variants(kind, slip_probability=0.5)
    for seed in (801, 803):
        truth = simulate_truth(config, seed, rows=900)
        measured = measure_mask(truth.class_mask)
        for name, parameter in truth.parameters.items():
            found = measured.parameters[name].value
            if parameter.value is None:
                assert found is None, (seed, name)
            elif name != "LDI":
                assert found == pytest.approx(parameter.value, abs=3.0), (seed, name)


@pytest.mark.parametrize(("kind", "lowest"), [("four bodies", "L1"), ("six bodies", "T11"), ("crush", "T12")])
def test_ribs_begin_above_the_free_bodies_and_names_count_from_the_sacrum(kind: str, lowest: str) -> None:
    for patient in patients(kind, 3):
        assert [body.name for body in patient.bodies] == list(CHAIN)
        assert next(body.name for body in patient.bodies if body.ribbed) == lowest
        assert len(ribs(patient, 1.0, np.random.default_rng(0))) == 2 * sum(body.ribbed for body in patient.bodies)


def test_a_transition_lengthens_or_shortens_the_sacrum_and_leaves_a_rudimentary_disc() -> None:
    usual = patients("crush")
    for kind, longer in (("four bodies", True), ("six bodies", False)):
        for patient, plain in zip(patients(kind), usual, strict=True):
            change = np.ptp(patient.sacrum_contour[:, 1]) / np.ptp(plain.sacrum_contour[:, 1])
            assert (change > 1) == longer
    heights = [np.mean([gap(patient, 0) for patient in group]) for group in (patients("six bodies"), usual)]
    assert heights[0] < 0.7 * heights[1]


def gap(patient: Patient, level: int) -> float:
    """Height of the disc below a body in body depths."""
    below = patient.s1 if level == 0 else patient.bodies[level - 1].corners.superior
    above = patient.bodies[level].corners.inferior
    return float(np.linalg.norm(np.subtract(above.midpoint, below.midpoint))) / patient.depth


def test_a_block_vertebra_has_next_to_no_disc_but_two_bodies() -> None:
    for patient in patients("block"):
        assert 1 <= len(patient.variants.fused) <= 2
        assert "L5" not in patient.variants.fused
        for name in patient.variants.fused:
            assert gap(patient, CHAIN.index(name)) < 0.12


def test_fractures_lose_their_height_where_their_kind_says() -> None:
    fractured = {kind: patients(kind, fracture_probability=1.0) for kind in ("biconcave", "crush")}
    usual = patients("spurs", fracture_probability=0.0)
    whole = np.mean([wall_ratio(patient) for patient in usual])
    wedge = np.mean([wall_ratio(patient) for patient in patients("spurs", fracture_probability=1.0)])
    for kind, found in fractured.items():
        assert all(body.fracture == kind for patient in found for body in patient.bodies)
        assert abs(np.mean([wall_ratio(patient) for patient in found]) - whole) < 0.5 * (whole - wedge)


def wall_ratio(patient: Patient) -> float:
    """Anterior over posterior height, mean of the bodies."""
    ratios = []
    for body in patient.bodies:
        c = body.corners
        ahead = np.linalg.norm(np.subtract(c.superior_anterior, c.inferior_anterior))
        behind = np.linalg.norm(np.subtract(c.superior_posterior, c.inferior_posterior))
        ratios.append(ahead / behind)
    return float(np.mean(ratios))


def test_a_retrolisthesis_goes_backward() -> None:
    for forward, patient in zip(
        patients("spurs", slip_probability=1.0), patients("retrolisthesis", slip_probability=1.0), strict=True
    ):
        level = [body.name for body in patient.bodies].index(str(patient.slip_level))
        moved = patient.bodies[level].contour.mean(axis=0) - forward.bodies[level].contour.mean(axis=0)
        assert moved[0] > 0.08 * patient.depth


def test_a_scoliosis_parts_the_rims_of_bodies_and_leaves_their_middle() -> None:
    for curved, straight in zip(patients("scoliosis"), patients("spurs"), strict=True):
        extra = [
            np.linalg.norm(a.rim_offset - b.rim_offset) for a, b in zip(curved.bodies, straight.bodies, strict=True)
        ]
        assert max(extra) > 0.03 * curved.depth
        np.testing.assert_array_equal(curved.bodies[2].contour, straight.bodies[2].contour)


def test_the_shipped_probabilities_give_what_they_say() -> None:
    rng = np.random.default_rng(1)
    drawn = [sample_variants(CONFIG.anatomy.variants, CHAIN, rng) for _ in range(1500)]
    variants = CONFIG.anatomy.variants
    for share, expected in (
        (np.mean([one.free_bodies == 4 for one in drawn]), variants.four_bodies_probability),
        (np.mean([one.free_bodies == 6 for one in drawn]), variants.six_bodies_probability),
        (np.mean([bool(one.fused) for one in drawn]), variants.block_probability),
        (np.mean([one.curve is not None for one in drawn]), variants.scoliosis_probability),
    ):
        assert share == pytest.approx(expected, abs=0.025)


def test_sets_that_know_no_variants_have_none() -> None:
    assert hard_config().anatomy.variants == VariantsConfig()
    variants = sample_variants(VariantsConfig(), CHAIN, np.random.default_rng(3))
    assert variants.names() == ()
    assert Variants().disc("L3").height == 1.0
    assert not any(variants.spurs.values())
    assert set(variants.fractures.values()) == {"wedge"}


def test_flexion_takes_lordosis_away_and_extension_adds_to_it() -> None:
    for bent, usual in zip(patients("bent"), patients("spurs"), strict=True):
        change = lordosis(bent) - lordosis(usual)
        assert change == pytest.approx(5 * bent.variants.bending, abs=0.01)
        assert ("flexion" in bent.variants.names()) == (change < 0)


def lordosis(patient: Patient) -> float:
    """Slope of the S1 plate less that of L1's superior plate, in degrees."""
    upper = next(body for body in patient.bodies if body.name == "L1").corners.superior
    x, y = np.subtract(upper.posterior, upper.anterior)
    return patient.sacral_slope - float(np.degrees(np.arctan2(-y, x)))
