"""Views of one motion: who is the same, and in which box."""

from __future__ import annotations

import pytest
import torch

from mmactrep.models.pretrainers import MotionViewSynthesizer
from mmactrep.motion.library_layout import LIBRARY_LAYOUT
from mmactrep.motion.synthesis import draw_cameras


def windows(count: int, frames: int = 16) -> torch.Tensor:
    return torch.randn(count, frames, LIBRARY_LAYOUT.num_joints, 3)


def build(**kwargs) -> MotionViewSynthesizer:
    return MotionViewSynthesizer(layout='posetics17', **kwargs)


def test_every_clip_is_in_a_box_of_its_own():
    torch.manual_seed(0)
    clips = build(views=3, missing=0.2)(dict(inputs=list(windows(4))), training=True)['inputs']
    assert clips.shape == (4, 3, 1, 16, 17, 2)
    points = clips.flatten(2, 4)
    low, high = points.amin(dim=2), points.amax(dim=2)
    torch.testing.assert_close((high - low).amax(dim=-1), torch.full((4, 3), 2.0))
    torch.testing.assert_close(low + high, torch.zeros(4, 3, 2), atol=1e-4, rtol=0)


def test_views_share_the_motion_and_differ_in_body_and_camera(monkeypatch):
    torch.manual_seed(0)
    synthesizer = build(swapped=0.0, noise=(0.0, 0.0))
    clips = synthesizer.clips(windows(3))
    assert not torch.allclose(clips[:, 0], clips[:, 1], atol=1e-2)
    # one body and one camera for all: only then the views of a motion agree, and those of others do not
    module = 'mmactrep.models.pretrainers.view_synthesizer'
    same_bodies = lambda count, layout, device: draw(1, layout, device, count)  # noqa: E731
    monkeypatch.setattr(f'{module}.draw_bodies', same_bodies)
    level = dict(pitch=(0.0, 0.0), roll=(0.0, 0.0), scale=(1.0, 1.0), perspective=0.0)
    one = draw_cameras(1, **level)
    monkeypatch.setattr(
        f'{module}.draw_cameras',
        lambda count, **_: type(one)(*(part.expand(count, *part.shape[1:]) for part in one)),
    )
    clips = synthesizer.clips(windows(3))
    torch.testing.assert_close(clips[:, 0], clips[:, 1])
    assert not torch.allclose(clips[0, 0], clips[1, 0], atol=1e-2)


def draw(count, layout, device, repeat):
    from mmactrep.motion.synthesis import draw_bodies

    bodies = draw_bodies(count, layout, device)
    return type(bodies)(*(part.expand(repeat, *part.shape[1:]) for part in bodies))


def test_clips_pass_unchanged():
    clips = torch.randn(2, 1, 1, 8, 17, 2)
    torch.testing.assert_close(build()(dict(inputs=list(clips)))['inputs'], clips)


def test_one_view_is_refused():
    with pytest.raises(ValueError, match='two views'):
        build(views=1)
