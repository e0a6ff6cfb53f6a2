"""What the panel keeps in the scene. Only inside Slicer: slicer-core has no parameter node wrapper."""

from slicer import vtkMRMLScalarVolumeNode
from slicer.parameterNodeWrapper import parameterNodeWrapper


@parameterNodeWrapper
class SpinoPelvicParameters:
    """`film` is the X-ray the panel works on. Address and token of the server are settings of the user, not here."""

    film: vtkMRMLScalarVolumeNode
