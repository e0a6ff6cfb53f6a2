"""Coded concepts of the configuration as highdicom wants them."""

from __future__ import annotations

from highdicom import AlgorithmIdentificationSequence
from highdicom.coding_schemes import CodingSchemeIdentificationItem
from highdicom.sr import CodedConcept

from sagittal import __version__
from sagittal.anatomy.definitions import ParameterDefinition, StructureDefinition
from sagittal.configuration.dicom import CodeEntry, DicomConfig

ALGORITHM = "Sagittal"


def concept(entry: CodeEntry) -> CodedConcept:
    return CodedConcept(entry.code, entry.scheme, entry.meaning)


def structure_concept(structure: StructureDefinition) -> CodedConcept:
    """The SNOMED CT code of a structure."""
    return CodedConcept(structure.code, "SCT", structure.meaning)


def parameter_concept(parameter: ParameterDefinition, config: DicomConfig) -> CodedConcept:
    """A parameter in the private scheme: its name as code, its title as meaning."""
    return CodedConcept(parameter.name, config.coding_scheme.designator, parameter.title)


def private_scheme(config: DicomConfig) -> CodingSchemeIdentificationItem:
    """The declaration that an object with private codes must carry."""
    scheme = config.coding_scheme
    return CodingSchemeIdentificationItem(
        designator=scheme.designator,
        name=scheme.name,
        version=scheme.version,
        responsible_organization=scheme.responsible_organization,
    )


def algorithm_identification(model: str, config: DicomConfig) -> AlgorithmIdentificationSequence:
    """Which program in which version, with which network (or a given mask), made a segmentation."""
    return AlgorithmIdentificationSequence(
        name=ALGORITHM,
        family=concept(config.concepts.artificial_intelligence),
        version=__version__,
        source=config.manufacturer,
        parameters={"model": model},
    )
