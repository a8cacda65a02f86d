"""PoseC3D on Penn Action by the recommended recipe: ``unik_penn_2d_recommended.py --with posec3d``."""

_base_ = ['../unik/unik_penn_2d_recommended.py', '../_overlays_/posec3d.py']
