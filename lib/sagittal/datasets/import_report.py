"""What an import came to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sagittal import NOT_FOR_CLINICAL_USE
from sagittal.datasets.importers.source import Skipped
from sagittal.datasets.layout import Entry

REPORT_FILE = "import_report.json"


@dataclass(frozen=True)
class Disagreement:
    """A parameter of the source's own table against ours, in degrees or percent.

    `films` have both; of `absent` the table has a value and we have none. `largest_on` is the film's name.
    """

    films: int
    absent: int
    mean_absolute: float | None
    largest: float | None
    largest_on: str | None


@dataclass(frozen=True)
class ImportReport:
    """Films by part, what they have, what was left out and why, and how far the source's table is from ours."""

    kind: str
    training: int
    validation: int
    with_mask: int
    with_landmarks: int
    skipped: tuple[Skipped, ...]
    remarks: Mapping[str, int]
    disagreement: Mapping[str, Disagreement]

    @property
    def films(self) -> int:
        return self.training + self.validation

    @property
    def reasons(self) -> Mapping[str, int]:
        """How often each reason to leave something out occurred, the most frequent first."""
        return dict(Counter(skipped.reason for skipped in self.skipped).most_common())

    def as_json(self) -> dict[str, Any]:
        """As plain Python types."""
        return {"note": f"{NOT_FOR_CLINICAL_USE}.", **asdict(self)}


def report_of(
    kind: str, training: Iterable[Entry], validation: Iterable[Entry], skipped: Iterable[Skipped]
) -> ImportReport:
    """The report of an import, from its entries."""
    training, validation = tuple(training), tuple(validation)
    entries = training + validation
    return ImportReport(
        kind=kind,
        training=len(training),
        validation=len(validation),
        with_mask=sum(entry.label is not None for entry in entries),
        with_landmarks=sum(entry.landmarks_from == "marks" for entry in entries),
        skipped=tuple(skipped),
        remarks=dict(Counter(remark for entry in entries for remark in entry.remarks).most_common()),
        disagreement=disagreement_of(entries),
    )


def disagreement_of(entries: Iterable[Entry]) -> dict[str, Disagreement]:
    """Per parameter that the source has: its values against those computed from its masks or marks."""
    errors: dict[str, list[tuple[float, str]]] = defaultdict(list)
    absent: Counter[str] = Counter()
    for entry in entries:
        for name, theirs in (entry.source_parameters or {}).items():
            if theirs is None:
                continue
            ours = (entry.parameters or {}).get(name)
            if ours is None:
                absent[name] += 1
            else:
                errors[name].append((abs(ours - theirs), entry.image))
    table = {}
    for name in dict.fromkeys([*errors, *absent]):
        largest, film = max(errors[name], default=(None, None))
        values = [error for error, _ in errors[name]]
        mean = sum(values) / len(values) if values else None
        table[name] = Disagreement(len(values), absent[name], mean, largest, film)
    return table
