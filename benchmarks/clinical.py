"""Measures the clinical findings on films of the frozen, hard test set and writes benchmarks/clinical.md.

python benchmarks/clinical.py             # 150 films; writes the file
python benchmarks/clinical.py --count 20  # a quick look; prints alone
"""

from __future__ import annotations

import argparse
import platform
import statistics
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.progress import track
from sagittal.anatomy import measure_mask
from sagittal.anatomy.clinical import Finding, assess
from sagittal.simulator.film import SimulatedTruth
from sagittal.simulator.frozen_set import PIXEL_MM, frozen_digest, frozen_film

ROOT = Path(__file__).parents[1]
FILMS = 150
LEVELS = {"L1L2", "L2L3", "L3L4", "L4L5", "L5S1", "L1", "L2", "L3", "L4", "L5", "L5L6", "L6S1", "L6"}

Findings = Mapping[str, Finding]


@dataclass
class Tally:
    """Of one family of findings: errors of values, whether the grade is the true one, what was absent."""

    errors: list[float] = field(default_factory=list)
    same_grade: list[bool] = field(default_factory=list)
    absent: int = 0
    known: int = 0
    # Of findings that are abnormal in truth, whether they were found so, and of the others.
    found: list[bool] = field(default_factory=list)
    alarms: list[bool] = field(default_factory=list)

    def add(self, true: Finding, measured: Finding | None) -> None:
        if true.status == "absent":
            return
        self.known += 1
        if measured is None or measured.status == "absent":
            self.absent += 1
            return
        if true.value is not None and measured.value is not None:
            self.errors.append(abs(measured.value - true.value))
        if true.grade is not None:
            self.same_grade.append(true.grade == measured.grade)
        (self.found if true.status == "abnormal" else self.alarms).append(measured.status == "abnormal")


def family_of(name: str) -> str:
    family, _, level = name.rpartition(" ")
    return family if level in LEVELS else name


def tally(tallies: dict[str, Tally], true: Findings, measured: Findings) -> None:
    for name, finding in true.items():
        tallies[family_of(name)].add(finding, measured.get(name))


def findings_of_mask(mask: npt.NDArray[np.uint8], times: list[float]) -> Findings:
    measured = measure_mask(mask)
    started = time.process_time()
    findings = assess(
        measured.landmarks,
        measured.parameters,
        label_map=measured.label_map,
        length_spacing_mm=(PIXEL_MM, PIXEL_MM),
    )
    times.append(1000 * (time.process_time() - started))
    return {finding.name: finding for finding in findings}


def true_findings(truth: SimulatedTruth) -> Findings:
    findings = assess(
        truth.landmarks, truth.parameters, label_map=truth.label_map, length_spacing_mm=(PIXEL_MM, PIXEL_MM)
    )
    return {finding.name: finding for finding in findings}


def table(tallies: Mapping[str, Tally]) -> list[str]:
    rows = [
        "| finding | MAE | 95th percentile | same class | abnormal ones found | false alarms | absent |",
        "|---|---|---|---|---|---|---|",
    ]
    for family, t in tallies.items():
        mean = f"{np.mean(t.errors):.2f}" if t.errors else "-"
        high = f"{np.percentile(t.errors, 95):.2f}" if t.errors else "-"
        same = f"{100 * np.mean(t.same_grade):.1f} %" if t.same_grade else "-"
        cells = (mean, high, same, _share(t.found), _share(t.alarms), f"{t.absent} of {t.known}")
        rows.append(f"| {family} | " + " | ".join(cells) + " |")
    return rows


def _share(cases: Sequence[bool]) -> str:
    return f"{sum(cases)} of {len(cases)}" if cases else "-"


def report(count: int, exact: Mapping[str, Tally], damaged: Mapping[str, Tally], times: Sequence[float]) -> list[str]:
    return [
        "# Clinical findings",
        "",
        f"Written by `python benchmarks/clinical.py` on {platform.machine()}. Films 0 to {count - 1} of the frozen,",
        f"hard set, at {PIXEL_MM} mm a pixel; digest `{frozen_digest()[:16]}`. True findings follow from the true",
        "landmarks and label map by the same code: these are errors of masks and fits, not of the definitions. Values",
        "are in degrees, % or mm as the finding has them. Near a limit a small error makes another class.",
        "",
        "## Exact masks",
        "",
        *table(exact),
        "",
        "## Damaged masks",
        "",
        *table(damaged),
        "",
        "## Speed",
        "",
        f"`assess` on one core, processor time: median {statistics.median(times):.1f} ms, slowest {max(times):.1f} ms.",
        "",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=FILMS, help="films to measure; fewer than 150 print alone")
    count = max(1, parser.parse_args().count)
    exact: dict[str, Tally] = defaultdict(Tally)
    damaged: dict[str, Tally] = defaultdict(Tally)
    times: list[float] = []
    for number in track(range(count), description="Measuring"):
        film = frozen_film(number)
        true = true_findings(film.truth)
        tally(exact, true, findings_of_mask(film.truth.class_mask, times))
        tally(damaged, true, findings_of_mask(film.damaged.mask, times))
    lines = report(count, exact, damaged, times)
    if count >= FILMS:
        (ROOT / "benchmarks" / "clinical.md").write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
