"""The layout of a dataset, the one place that knows it.

    dataset.json        MONAI's datalist: {"training": [entry, ..], "validation": [..], "test": [..], ..}
    images/NAME.*       films as they came (any format that Sagittal reads; pixels never changed, and a DICOM film
                        keeps its header: take out beforehand what identifies the patient)
    labels/NAME.png     class masks 0..4 on the film's grid, 8-bit grey (ids: configs/labels.yaml)
    landmarks/NAME.json corners, S1 end plate and femoral heads (`sagittal.datasets.landmark_file`)

An entry has paths relative to dataset.json and says whose film it is; it has a mask, landmarks, or both (`Entry`). An
imported dataset also has `import_report.json` (what was left out and why) and `.import/` (by which a second run goes on
where the first one stopped).

Heads: head 1 is the one with the more cranial centre; where both overlap in a mask head 1 wins.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sagittal.anatomy.definitions import default_definitions

DATASET_FILE = "dataset.json"
IMAGES, LABELS, LANDMARKS = "images", "labels", "landmarks"
PARTS = ("training", "validation", "test")

Part = Literal["training", "validation", "test"]
Value = Annotated[float, Field(allow_inf_nan=False)]
Length = Annotated[float, Field(gt=0, allow_inf_nan=False)]
FileName = Annotated[str, Field(min_length=1)]


class FilmFacts(BaseModel):
    """What is known of a film beside its pixels.

    Args:
        shape: (rows, columns).
        spacing_mm: (row, column) in mm, None where not known.
        spacing_source: where the spacing comes from.
        pixel_aspect: (row, column) relative pixel size that the angles were computed with.
        sex, age_years: of the patient, where the source says so.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    shape: tuple[int, int]
    spacing_mm: tuple[Length, Length] | None = None
    spacing_source: str | None = None
    pixel_aspect: tuple[Length, Length] = (1.0, 1.0)
    sex: Literal["F", "M"] | None = None
    age_years: Annotated[float, Field(ge=0, le=130)] | None = None


class Entry(BaseModel):
    """One film of a datalist. Keys that are not ours (MONAI allows any) are kept.

    Args:
        image: the film; relative to dataset.json, or absolute.
        label: its class mask, None where there is none: no network is trained on it.
        landmarks: its landmark file, None where there is none.
        landmarks_from: "marks" were set by a person or a simulator, "mask": measured on the mask by Sagittal.
        parameters: degrees or percent by name, None where absent; computed by `sagittal.anatomy`.
        source_parameters: the same as the source's own table has them.
        subject: films of one subject are never on both sides of a split.
        film: facts of the film.
        source: importer (`kind`), the film's `file` within the source, and what else only this source knows.
        remarks: what a user of this film should know.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    image: FileName
    label: FileName | None = None
    landmarks: FileName | None = None
    landmarks_from: Literal["marks", "mask"] | None = None
    parameters: dict[str, Value | None] | None = None
    source_parameters: dict[str, Value | None] | None = None
    subject: str | None = None
    film: FilmFacts | None = None
    source: dict[str, Any] | None = None
    remarks: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _says_something_of_the_film(self) -> Entry:
        if self.label is None and self.landmarks is None:
            raise ValueError("must have 'label' or 'landmarks' beside 'image'")
        known = default_definitions().parameters
        unknown = [
            name for values in (self.parameters, self.source_parameters) for name in values or () if name not in known
        ]
        if unknown:
            raise ValueError(f"unknown parameters {unknown}; known are {list(known)}")
        return self


class Dataset(BaseModel):
    """A dataset.json. Other keys at the top (MONAI has description, name, ..) are kept."""

    model_config = ConfigDict(extra="allow", frozen=True)

    training: tuple[Entry, ...]
    validation: tuple[Entry, ...] = ()
    test: tuple[Entry, ...] = ()

    @model_validator(mode="after")
    def _keeps_subjects_apart(self) -> Dataset:
        seen: dict[str, tuple[str, int]] = {}
        for part in PARTS:
            for index, entry in enumerate(self.part(part)):
                if entry.subject is None:
                    continue
                first = seen.setdefault(entry.subject, (part, index))
                if first[0] != part:
                    raise ValueError(
                        f"{first[0]}[{first[1]}] and {part}[{index}] are films of one subject; keep them on one side"
                    )
        return self

    def part(self, name: str) -> tuple[Entry, ...]:
        """The entries of "training", "validation" or "test"."""
        entries: tuple[Entry, ...] = getattr(self, name)
        return entries
