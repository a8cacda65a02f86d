from .structures import FramePoses, PoseTrack, TrackedPose, boxes_around

__all__ = ['FramePoses', 'PoseTrack', 'TrackedPose', 'boxes_around']
