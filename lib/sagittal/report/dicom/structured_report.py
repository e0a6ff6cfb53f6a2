"""DICOM structured report of a film: TID 1500 with coded measurements and landmarks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from highdicom import UID
from highdicom.sr import (
    AlgorithmIdentification,
    CodedConcept,
    ComprehensiveSR,
    DeviceObserverIdentifyingAttributes,
    FindingSite,
    ImageRegion,
    Measurement,
    MeasurementProperties,
    MeasurementReport,
    MeasurementsAndQualitativeEvaluations,
    NumContentItem,
    ObservationContext,
    ObserverContext,
    PlanarROIMeasurementsAndQualitativeEvaluations,
    QualitativeEvaluation,
    RelationshipTypeValues,
    SourceImageForMeasurementGroup,
    TextContentItem,
    TrackingIdentifier,
)

from sagittal import NOT_FOR_CLINICAL_USE, __version__
from sagittal.anatomy.definitions import Definitions, default_definitions
from sagittal.anatomy.landmarks import Body
from sagittal.anatomy.measurement import ParameterValue
from sagittal.configuration.dicom import CodeEntry, DicomConfig, load_dicom_config
from sagittal.report.dicom.coding import ALGORITHM, concept, parameter_concept, private_scheme, structure_concept
from sagittal.report.dicom.regions import FilmRegions
from sagittal.report.dicom.source import DicomSource
from sagittal.report.result import DECIMALS, all_warnings

if TYPE_CHECKING:
    from sagittal.inference import Inspection

Group = MeasurementsAndQualitativeEvaluations | PlanarROIMeasurementsAndQualitativeEvaluations
PROPERTY = RelationshipTypeValues.HAS_PROPERTIES


def structured_report_of(
    source: DicomSource,
    inspection: Inspection,
    *,
    clinical: Sequence[str] = (),
    definitions: Definitions | None = None,
    config: DicomConfig | None = None,
) -> ComprehensiveSR:
    """A measurement report in a new series of the film's study.

    The first group is the whole spine: its parameters with standard range, normality and 90 % interval (as
    uncertainties below and above the value), the film's quality, what is absent (coded as a failed measurement, with
    the reason in a comment, never as a number), and as text `clinical` findings, warnings and what was mended in the
    header. One group each follows for every body, disc, the S1 end plate, femoral head and the hip axis, with its
    region on the film and the parameter that belongs to it. A landmark that lies outside the film has no region.

    Raises:
        ValueError: the header does not let highdicom refer to the film.
    """
    writer = _Writer(source, inspection, definitions or default_definitions(), config or load_dicom_config())
    config = writer.config
    report = ComprehensiveSR(
        evidence=[source.header],
        content=MeasurementReport(
            observation_context=_observer(inspection.model, config),
            procedure_reported=concept(config.concepts.procedure),
            imaging_measurements=[writer.spine(clinical), *writer.landmarks()],
        )[0],
        series_instance_uid=UID(),
        series_number=config.report.number,
        sop_instance_uid=UID(),
        instance_number=1,
        manufacturer=config.manufacturer,
        manufacturer_model_name=f"Sagittal {inspection.model}"[:64],
        software_versions=__version__,
        device_serial_number=config.device_serial_number,
        is_complete=True,
        series_description=config.report.description,
        coding_schemes=[private_scheme(config)],
    )
    report.SpecificCharacterSet = "ISO_IR 192"
    return report


def _observer(model: str, config: DicomConfig) -> ObservationContext:
    return ObservationContext(
        observer_device_context=ObserverContext(
            observer_type=concept(config.concepts.device),
            observer_identifying_attributes=DeviceObserverIdentifyingAttributes(
                uid=UID(),
                name=ALGORITHM,
                manufacturer_name=config.manufacturer,
                model_name=f"Sagittal {model}",
                serial_number=config.device_serial_number,
            ),
        )
    )


class _Writer:
    """Makes the groups of one inspection."""

    def __init__(
        self, source: DicomSource, inspection: Inspection, definitions: Definitions, config: DicomConfig
    ) -> None:
        self.inspection, self.definitions, self.config = inspection, definitions, config
        self._header, self._mended = source.header, source.mended
        self._regions = FilmRegions(source.header, inspection.film.pixel_aspect)
        self._of_levels = set(_levels_and_discs(definitions))

    def spine(self, clinical: Sequence[str]) -> Group:
        """All that belongs to no single landmark."""
        concepts = self.config.concepts
        parameters = self.inspection.measurement.parameters.values()
        quality = self.inspection.measurement.quality
        verdict = QualitativeEvaluation(concept(concepts.quality), concept(self.config.verdicts[quality.verdict]))
        absent = [parameter for parameter in parameters if parameter.value is None]
        group = self._group(
            "lumbar spine",
            concept(concepts.lumbar_spine),
            None,
            [parameter.name for parameter in parameters if parameter.name not in self._of_levels],
            evaluations=[verdict, *(self._not_measured(parameter) for parameter in absent)],
        )
        comments = [f"{NOT_FOR_CLINICAL_USE}. Uncertainties of measurements bound 90 % intervals."]
        comments += [f"Quality: {reason}" for reason in quality.reasons]
        comments += [f"Absent: {', '.join(names)}: {reason}" for reason, names in _reasons(absent).items()]
        comments += [w for w in all_warnings(self.inspection) if w not in quality.reasons]
        comments += [f"Header of the film: {what}" for what in self._mended]
        content = group[0].ContentSequence
        content.extend(_text(concepts.comment, comment) for comment in comments)
        content.extend(_text(concepts.clinical_finding, finding) for finding in clinical)
        return group

    def landmarks(self) -> Iterable[Group]:
        """A group a body, disc, end plate of S1, femoral head, and hip axis, as far as they were found."""
        found, concepts, regions = self.inspection.measurement.landmarks, self.config.concepts, self._regions
        for level, body in found.bodies.items():
            kind = structure_concept(self.definitions.structures[level])
            yield self._group(f"{level} body", kind, regions.polygon(_outline(body)), [level])
        for upper, lower in pairwise(_chain(self.definitions)):
            below = found.s1 if lower == "S1" else found.bodies[lower].superior if lower in found.bodies else None
            if upper in found.bodies and below is not None and upper + lower in self.definitions.parameters:
                above = found.bodies[upper].inferior
                outline = [above.anterior, above.posterior, below.posterior, below.anterior]
                name = f"{upper}{lower} disc"
                yield self._group(name, concept(concepts.disc), regions.polygon(outline), [upper + lower])
        if found.s1 is not None:
            plate = regions.line([found.s1.anterior, found.s1.posterior])
            yield self._group("S1 superior end plate", concept(concepts.end_plate_s1), plate, [])
        for number, head in enumerate(found.femoral_heads, 1):
            kind = concept(concepts.femoral_head)
            yield self._group(f"femoral head {number}", kind, regions.circle(head), [])
        if found.hip_axis is not None:
            yield self._group("hip axis", concept(concepts.hip_axis), regions.point(found.hip_axis), [])

    def _group(
        self,
        name: str,
        kind: CodedConcept,
        region: ImageRegion | None,
        parameters: Iterable[str],
        evaluations: Sequence[QualitativeEvaluation] = (),
    ) -> Group:
        """A group about a region, or about the whole film where there is none."""
        values = self.inspection.measurement.parameters
        content: dict[str, Any] = {
            "tracking_identifier": TrackingIdentifier(UID(), name),
            "finding_type": kind,
            "finding_category": concept(self.config.concepts.structure),
            "algorithm_id": AlgorithmIdentification(ALGORITHM, __version__, [f"model={self.inspection.model}"]),
            "measurements": [self._measurement(values[p]) for p in parameters if p in values and _is_there(values[p])],
            "qualitative_evaluations": list(evaluations),
        }
        if kind.scheme_designator == "SCT":
            content["finding_sites"] = [FindingSite(anatomic_location=kind)]
        if region is not None:
            return PlanarROIMeasurementsAndQualitativeEvaluations(referenced_region=region, **content)
        image = SourceImageForMeasurementGroup(self._header.SOPClassUID, self._header.SOPInstanceUID)
        return MeasurementsAndQualitativeEvaluations(source_images=[image], **content)

    def _measurement(self, parameter: ParameterValue) -> Measurement:
        assert parameter.value is not None
        value = round(parameter.value, DECIMALS) + 0.0
        return Measurement(
            name=parameter_concept(self.definitions.parameters[parameter.name], self.config),
            value=value,
            unit=concept(self.config.units[parameter.unit]),
            properties=self._properties(parameter, value),
        )

    def _properties(self, parameter: ParameterValue, value: float) -> MeasurementProperties:
        concepts, normality = self.config.concepts, dict(self.config.normality).get(parameter.status)
        properties = MeasurementProperties(normality=None if normality is None else concept(normality))
        if parameter.range is not None:
            properties.append(self._bound(concepts.range_lower, parameter.range[0], parameter.unit))
            properties.append(self._bound(concepts.range_upper, parameter.range[1], parameter.unit))
        if parameter.interval_90 is not None:
            low, high = parameter.interval_90
            properties.append(self._bound(concepts.uncertainty_upper, high - value, parameter.unit))
            properties.append(self._bound(concepts.uncertainty_lower, value - low, parameter.unit))
        return properties

    def _bound(self, entry: CodeEntry, value: float, unit: str) -> NumContentItem:
        number = round(float(value), DECIMALS) + 0.0
        return NumContentItem(concept(entry), number, concept(self.config.units[unit]), relationship_type=PROPERTY)

    def _not_measured(self, parameter: ParameterValue) -> QualitativeEvaluation:
        name = parameter_concept(self.definitions.parameters[parameter.name], self.config)
        return QualitativeEvaluation(name, concept(self.config.concepts.not_measured))


def _is_there(parameter: ParameterValue) -> bool:
    return parameter.value is not None


def _chain(definitions: Definitions) -> list[str]:
    return [*reversed(definitions.levels_from_sacrum), "S1"]


def _levels_and_discs(definitions: Definitions) -> Iterable[str]:
    chain = _chain(definitions)
    return [*chain, *(upper + lower for upper, lower in pairwise(chain))]


def _outline(body: Body) -> list[tuple[float, float]]:
    return [body.superior_anterior, body.superior_posterior, body.inferior_posterior, body.inferior_anterior]


def _reasons(absent: Iterable[ParameterValue]) -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = {}
    for parameter in absent:
        reasons.setdefault(parameter.reason or "not computed", []).append(parameter.name)
    return reasons


def _text(entry: CodeEntry, text: str) -> TextContentItem:
    return TextContentItem(concept(entry), text, RelationshipTypeValues.CONTAINS)
