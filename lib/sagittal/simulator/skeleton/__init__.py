"""The bones around a patient's mid-sagittal shape, in three dimensions."""

from sagittal.simulator.skeleton.pose import Pose, flat_pose, pose_of
from sagittal.simulator.skeleton.skeleton import project_skeleton
from sagittal.simulator.skeleton.thicket import thicket

__all__ = ["Pose", "flat_pose", "pose_of", "project_skeleton", "thicket"]
