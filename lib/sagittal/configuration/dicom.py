"""Schema of dicom.yaml."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Self

from pydantic import Field, model_validator

from sagittal.configuration.load import Checked, config_folder, load_checked

# Limits of the value representations SH, LO and CS (DICOM PS3.5, 6.2).
Short = Annotated[str, Field(min_length=1, max_length=16)]
Long = Annotated[str, Field(min_length=1, max_length=64)]
SeriesNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]
STANDARD_SCHEMES = ("DCM", "SCT", "UCUM", "LN")


class CodeEntry(Checked):
    scheme: Short
    code: Short
    meaning: Long


class CodingScheme(Checked):
    designator: Annotated[str, Field(pattern=r"^99[A-Z0-9]{1,14}$")]
    name: str
    version: Short
    responsible_organization: str


class SegmentationSeries(Checked):
    number: SeriesNumber
    description: Long
    label: Annotated[str, Field(pattern=r"^[A-Z0-9_ ]{1,16}$")]


class ReportSeries(Checked):
    number: SeriesNumber
    description: Long


class Normality(Checked):
    within: CodeEntry
    below: CodeEntry
    above: CodeEntry


class Concepts(Checked):
    device: CodeEntry
    procedure: CodeEntry
    structure: CodeEntry
    lumbar_spine: CodeEntry
    femoral_head: CodeEntry
    artificial_intelligence: CodeEntry
    not_measured: CodeEntry
    comment: CodeEntry
    range_lower: CodeEntry
    range_upper: CodeEntry
    uncertainty_lower: CodeEntry
    uncertainty_upper: CodeEntry
    quality: CodeEntry
    clinical_finding: CodeEntry
    end_plate_s1: CodeEntry
    disc: CodeEntry
    hip_axis: CodeEntry


class DicomConfig(Checked):
    """dicom.yaml."""

    coding_scheme: CodingScheme
    manufacturer: Long
    device_serial_number: Long
    segmentation: SegmentationSeries
    report: ReportSeries
    units: dict[str, CodeEntry]
    normality: Normality
    verdicts: dict[str, CodeEntry]
    concepts: Concepts

    @model_validator(mode="after")
    def _declare_every_scheme(self) -> Self:
        known = (*STANDARD_SCHEMES, self.coding_scheme.designator)
        entries = [*self.units.values(), *self.verdicts.values()]
        entries += [entry for _, entry in self.concepts] + [entry for _, entry in self.normality]
        unknown = sorted({entry.scheme for entry in entries} - set(known))
        if unknown:
            raise ValueError(f"coding schemes {unknown} are neither standard ({known}) nor declared in coding_scheme")
        own = [entry.code for entry in entries if entry.scheme == self.coding_scheme.designator]
        if len(set(own)) != len(own):
            raise ValueError(f"codes of {self.coding_scheme.designator} must differ, got {sorted(own)}")
        return self


@cache
def load_dicom_config() -> DicomConfig:
    """The shipped dicom.yaml.

    Raises:
        ConfigurationError: the file does not fit the schema.
    """
    return load_checked(config_folder() / "dicom.yaml", DicomConfig)
