"""DICOM Segmentation of a film."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from highdicom import UID, PixelMeasuresSequence
from highdicom.color import CIELabColor
from highdicom.seg import (
    SegmentAlgorithmTypeValues,
    Segmentation,
    SegmentationTypeValues,
    SegmentDescription,
)
from pydicom.dataset import Dataset
from skimage.color import rgb2lab

from sagittal import NOT_FOR_CLINICAL_USE, __version__
from sagittal.configuration.dicom import DicomConfig, load_dicom_config
from sagittal.report.dicom.coding import algorithm_identification, concept, structure_concept
from sagittal.report.dicom.source import DicomSource
from sagittal.report.segments import Segment

# A projection has no thickness, yet readers want one beside the pixel spacing.
SLICE_THICKNESS_MM = 1.0
# The model name of an inspection whose mask was given.
GIVEN_MASK = "mask"


def segmentation_of(
    source: DicomSource, segments: Sequence[Segment], *, model: str, config: DicomConfig | None = None
) -> Segmentation:
    """A binary segmentation of one frame a segment on the film's own grid, in a new series of the film's study.

    Segments may overlap.

    Raises:
        ValueError: there is no segment, or the header does not let highdicom refer to the film.
    """
    config = config or load_dicom_config()
    if not segments:
        raise ValueError("a DICOM segmentation needs a segment, and none was found")
    segmentation = Segmentation(
        source_images=[source.header],
        pixel_array=np.stack([segment.mask for segment in segments], axis=-1)[np.newaxis],
        segmentation_type=SegmentationTypeValues.BINARY,
        segment_descriptions=[
            _description(number, segment, model, config) for number, segment in enumerate(segments, 1)
        ],
        series_instance_uid=UID(),
        series_number=config.segmentation.number,
        sop_instance_uid=UID(),
        instance_number=1,
        manufacturer=config.manufacturer,
        manufacturer_model_name=f"Sagittal {model}"[:64],
        software_versions=__version__,
        device_serial_number=config.device_serial_number,
        content_label=config.segmentation.label,
        content_description=f"Sagittal {__version__}. {NOT_FOR_CLINICAL_USE}",
        series_description=config.segmentation.description,
        pixel_measures=_pixel_measures(source.header),
    )
    segmentation.SpecificCharacterSet = "ISO_IR 192"
    # Asked for wherever an image has no place in the patient; empty where the film does not say.
    segmentation.PatientOrientation = source.header.get("PatientOrientation") or None
    return segmentation


def _pixel_measures(header: Dataset) -> PixelMeasuresSequence | None:
    """Only the spacing that the film's own file claims; a segmentation lies on its film's pixels without any."""
    if "PixelSpacing" not in header:
        return None
    return PixelMeasuresSequence(pixel_spacing=header.PixelSpacing, slice_thickness=SLICE_THICKNESS_MM)


def _description(number: int, segment: Segment, model: str, config: DicomConfig) -> SegmentDescription:
    structure = segment.structure
    given = model == GIVEN_MASK
    description = SegmentDescription(
        segment_number=number,
        segment_label=structure.name,
        segmented_property_category=concept(config.concepts.structure),
        segmented_property_type=structure_concept(structure),
        # Somebody made the mask that was given; its levels were named here.
        algorithm_type=SegmentAlgorithmTypeValues.SEMIAUTOMATIC if given else SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=algorithm_identification(model, config),
        tracking_uid=UID(),
        tracking_id=structure.name,
    )
    lightness, a, b = rgb2lab(np.array(structure.color, np.float64) / 255)
    description.RecommendedDisplayCIELabValue = list(CIELabColor(lightness, a, b).value)
    return description
