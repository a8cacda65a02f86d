"""What every skeleton encoder offers to pre-trainers, segmentors and heads."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from mmengine.registry import init_default_scope

from mmactrep.models.backbones.encoder import check_encoder, count_feature_frames
from mmactrep.registry import MODELS
from tests.helpers.pretraining import HEAD, build, make_batch
from tests.helpers.training import REPO, environment

UNIK = dict(type='UNIK', channels=(8, 12, 12), strides=(2, 1, 2), dilations=(1, 3, 1), num_person=2)
STAGES = dict(num_stages=5, base_channels=4, num_person=2, in_channels=2)
ENCODERS = {
    'unik': UNIK,
    'stgcn': dict(type='LayoutSTGCN', inflate_stages=[3, 5], down_stages=[2, 5], ch_ratio=3, **STAGES),
    'agcn': dict(type='LayoutAGCN', inflate_stages=[4], down_stages=[3, 7], **STAGES),
    'stgcn that begins at its width': dict(
        type='LayoutSTGCN', inflate_stages=[3], down_stages=[5], **STAGES | dict(base_channels=2)
    ),
}


@pytest.mark.parametrize('name', ENCODERS)
@pytest.mark.parametrize('length', [21, 8])
def test_features_have_the_shapes_that_the_encoder_states(name, length):
    init_default_scope('mmactrep')
    encoder = MODELS.build(ENCODERS[name]).eval()
    check_encoder(encoder, 'the test')
    clips = torch.randn(3, 2, length, 17, 2)
    with torch.no_grad():
        feature_map, frames, sequences = (
            encoder(clips),
            *(pool(clips) for pool in (encoder.frame_features, encoder.sequence_features)),
        )
    expected = count_feature_frames(encoder, length)
    assert feature_map.shape == (3, 2, encoder.feature_channels, expected, 17)
    assert frames.shape == (3, expected, encoder.feature_channels)
    torch.testing.assert_close(frames, feature_map.mean(4).mean(1).transpose(1, 2))
    torch.testing.assert_close(sequences, frames.mean(1))


def test_graph_networks_can_be_pre_trained_and_segment():
    stgcn = ENCODERS['stgcn'] | dict(num_person=1)
    head = HEAD | dict(in_channels=36)
    # strides of 2 and 2 on 12 frames leave 3: one in four of the input is each of them
    model = build(backbone=stgcn, neck=head, frame_neck=head)
    assert model.frame_queue.features.shape[1] == 3
    assert all(torch.isfinite(loss) for loss in model(*make_batch(clips=3), mode='loss').values())
    head = dict(type='FrameHead', num_classes=3, in_channels=36, stride=4)
    segmentor = MODELS.build(dict(type='SkeletonSegmentor', backbone=stgcn, cls_head=head))
    assert segmentor.frame_logits(torch.randn(2, 1, 21, 17, 2)).shape == (2, 21, 3)


def test_a_network_that_offers_less_is_refused():
    init_default_scope('mmactrep')
    plain = dict(type='STGCN', graph_cfg=dict(layout='coco', mode='stgcn_spatial'))
    for model in (
        dict(type='ContrastivePretrainer', backbone=plain, neck=HEAD),
        dict(type='SkeletonSegmentor', backbone=plain, cls_head=dict(type='FrameHead', num_classes=3)),
    ):
        with pytest.raises(
            TypeError, match=r'needs an encoder with .* STGCN has no feature_channels'
        ) as caught:
            MODELS.build(model)
        assert model['type'] in str(caught.value)


def test_a_head_of_other_channels_is_refused():
    init_default_scope('mmactrep')
    head = dict(type='FrameHead', num_classes=3, in_channels=8, stride=4)
    with pytest.raises(ValueError, match=r'gives 12 channels, cls_head\.in_channels is 8'):
        MODELS.build(dict(type='SkeletonSegmentor', backbone=UNIK, cls_head=head))


def test_models_do_not_load_captures_or_stores():
    rooms = ('mmactrep.motion.bvh', 'mmactrep.store', 'mmactrep.pose')
    code = f'import sys, mmactrep.models; print([m for m in sys.modules if m.startswith({rooms})])'
    done = subprocess.run(
        [sys.executable, '-c', code],
        capture_output=True,
        text=True,
        check=True,
        env=environment() | dict(PYTHONPATH=str(REPO)),
    )
    assert done.stdout.strip() == '[]', done.stdout
