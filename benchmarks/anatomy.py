"""Measures the anatomy on the frozen, hard test set and writes benchmarks/anatomy.md.

python benchmarks/anatomy.py             # all films; writes the file
python benchmarks/anatomy.py --count 40  # a quick look; prints alone
"""

from __future__ import annotations

import argparse
import platform
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.progress import track
from sagittal.anatomy import default_definitions, measure_mask
from sagittal.evaluation.measuring import (
    MeasurementScore,
    ParameterSummary,
    absence_reasons,
    score_measurement,
    summarize,
)
from sagittal.simulator.frozen_set import FILMS, PIXEL_MM, FrozenFilm, frozen_digest, frozen_film, frozen_truth

ROOT = Path(__file__).parents[1]
ROWS = 3408  # height of the films in the published sets
SPEED_FILMS, REPEATS = 8, 5
# Goals: degrees, ms, shares.
EXACT_MEAN, EXACT_99, DAMAGED_MEAN, MILLISECONDS, WRONG_NAMES = 0.4, 2.0, 1.5, 60.0, 0.01
COVERAGE = (0.86, 0.94)


@dataclass(frozen=True)
class Result:
    """Scores of one film, and of what it is."""

    number: int
    exact: MeasurementScore
    damaged: MeasurementScore
    damages: tuple[str, ...]
    severity: float
    instrumented: bool
    slipped: bool
    heads_cut: bool


def measure(number: int) -> Result:
    film: FrozenFilm = frozen_film(number)
    truth, damaged = film.truth, film.damaged
    exact, found = (
        score_measurement(measure_mask(mask), truth.label_map, truth.parameters)
        for mask in (truth.class_mask, damaged.mask)
    )
    return Result(
        number=number,
        exact=exact,
        damaged=found,
        damages=damaged.damages,
        severity=damaged.severity,
        instrumented=truth.instrumented,
        slipped=truth.slipped,
        heads_cut=truth.heads_cut,
    )


def milliseconds() -> list[float]:
    """Median processor time of measure_mask for each of the first films, drawn with ROWS rows."""
    medians = []
    for number in range(SPEED_FILMS):
        mask = frozen_truth(number, rows=ROWS).class_mask
        measure_mask(mask)
        times = []
        for _ in range(REPEATS):
            started = time.process_time()
            measure_mask(mask)
            times.append(1000 * (time.process_time() - started))
        medians.append(statistics.median(times))
    return medians


def parameter_table(summaries: dict[str, ParameterSummary], mean: float, percentile: float | None) -> list[str]:
    """Bold is what misses its goal; LDI is a percentage and has none."""
    rows = ["| parameter | MAE | 99th percentile | absent | 90 % intervals that hold |", "|---|---|---|---|---|"]
    units = {name: parameter.unit for name, parameter in default_definitions().parameters.items()}
    for name, summary in summaries.items():
        is_angle = units[name] == "deg"
        cells = [
            _cell(summary.mean_error, is_angle and (summary.mean_error or 0) > mean),
            _cell(
                summary.percentile_99, is_angle and percentile is not None and (summary.percentile_99 or 0) > percentile
            ),
            f"{summary.absent} of {summary.known}",
            "-" if summary.coverage is None else _percent(summary.coverage, not _is_calibrated(summary.coverage)),
        ]
        rows.append(f"| {name} ({units[name]}) | " + " | ".join(cells) + " |")
    return rows


def _is_calibrated(coverage: float) -> bool:
    return COVERAGE[0] <= coverage <= COVERAGE[1]


def _cell(value: float | None, misses: bool) -> str:
    text = "-" if value is None else f"{value:.2f}"
    return f"**{text}**" if misses else text


def _percent(share: float, misses: bool) -> str:
    text = f"{100 * share:.1f} %"
    return f"**{text}**" if misses else text


def damage_table(results: Sequence[Result]) -> list[str]:
    """By kind of damage: films, wrong names, and errors of what was reported."""
    rows = ["| damage | films | any wrong name | SS | PT | LL | L4S1 |", "|---|---|---|---|---|---|---|"]
    kinds = sorted({_kind(damage) for result in results for damage in result.damages if damage != "ragged"})
    of_kind = {kind: [r for r in results if kind in map(_kind, r.damages)] for kind in kinds}
    of_kind = {"ragged edges alone": [r for r in results if len(r.damages) == 1], **of_kind}
    for kind, films in of_kind.items():
        summaries = summarize([result.damaged for result in films])
        cells = [_cell(summaries[name].mean_error, False) for name in ("SS", "PT", "LL", "L4S1")]
        wrong = sum(bool(result.damaged.wrong_names) for result in films)
        rows.append(f"| {kind} | {len(films)} | {wrong} | " + " | ".join(cells) + " |")
    return rows


def _kind(damage: str) -> str:
    for kind in ("missing", "bridge"):
        if damage.startswith(kind):
            return "bridge L5-S1" if damage.startswith("bridge") and "S1" in damage else kind
    return damage


def report(results: Sequence[Result], times: Sequence[float]) -> list[str]:
    count = len(results)
    exact, damaged = [r.exact for r in results], [r.damaged for r in results]
    shares = [
        f"{100 * np.mean([getattr(r, k) for r in results]):.0f} %" for k in ("instrumented", "slipped", "heads_cut")
    ]
    wrong_exact = [r for r in results if r.exact.wrong_names]
    wrong = [r for r in results if r.damaged.wrong_names]
    unexpected = [r for r in results if r.exact.absent]
    invented = [r for r in results if r.damaged.invented]
    share_wrong = len(wrong) / count
    return [
        "# Anatomy",
        "",
        f"Written by `python benchmarks/anatomy.py` on {platform.machine()}. Films 0 to {count - 1} of the frozen,",
        f"hard set of {FILMS}, at {PIXEL_MM} mm a pixel; digest `{frozen_digest()[:16]}`.",
        f"Instrumented {shares[0]}, with a slip {shares[1]}, with a head cut or missing {shares[2]}; end plates and",
        "walls are hollow, corners and S1 rounded (configs/simulator_hard.yaml). Errors are absolute, of what was",
        "reported; what misses its goal is bold.",
        "",
        "## Exact masks",
        "",
        f"Goals on every angle: MAE <= {EXACT_MEAN}, 99th percentile <= {EXACT_99:g}; intervals {COVERAGE[0]:.0%} to"
        f" {COVERAGE[1]:.0%}.",
        "",
        *parameter_table(summarize(exact), EXACT_MEAN, EXACT_99),
        "",
        f"Films with a wrong level name: {len(wrong_exact)}. Films on which something is absent that should not be:"
        f" {len(unexpected)}.",
        *(f"- film {r.number}: {', '.join(r.exact.absent)}: {next(iter(r.exact.absent.values()))}" for r in unexpected),
        "",
        "## Damaged masks",
        "",
        "Each mask is damaged as networks damage theirs (configs/mask_damage.yaml).",
        f"Goals: films with any wrong level name <= {WRONG_NAMES:.0%}, MAE <= {DAMAGED_MEAN} on every angle.",
        "",
        f"Films with any wrong level name: {_percent(share_wrong, share_wrong > WRONG_NAMES)} ({len(wrong)}).",
        *(f"- film {r.number}: {', '.join(r.damaged.wrong_names)} ({'; '.join(r.damages)})" for r in wrong),
        "",
        *parameter_table(summarize(damaged), DAMAGED_MEAN, None),
        "",
        f"Films with a value that the truth does not have: {len(invented)}.",
        "",
        *damage_table(results),
        "",
        "Why values are absent, in films:",
        "",
        *(f"- {films}: {reason}" for reason, films in absence_reasons(damaged).most_common()),
        "",
        "## Speed",
        "",
        f"`measure_mask` on one core, exact masks of {ROWS} rows, processor time, {REPEATS} runs after one to warm up:",
        f"median of {SPEED_FILMS} films {_cell(statistics.median(times), statistics.median(times) > MILLISECONDS)} ms,"
        f" slowest {max(times):.0f} ms (goal {MILLISECONDS:.0f} ms).",
        "",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=FILMS, help="films to measure; fewer than all print alone")
    count = max(1, min(parser.parse_args().count, FILMS))
    results = [measure(number) for number in track(range(count), description="films")]
    text = "\n".join(report(results, milliseconds()))
    print(text)
    if count == FILMS:
        (ROOT / "benchmarks" / "anatomy.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
