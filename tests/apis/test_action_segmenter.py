"""Segmentation of whole sequences and of streams, with scores that are known and with a network."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmactrep.apis import ActionSegmenter, InferenceError, StreamingSegmentor
from mmactrep.registry import MODELS

PACK = [dict(type='FormatSkeleton', num_person=1), dict(type='PackSegmentationInputs')]


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """A tiny segmentor with random weights, as a checkpoint with its config."""
    init_default_scope('mmactrep')
    model = dict(
        type='SkeletonSegmentor',
        backbone=dict(
            type='UNIK', in_channels=2, channels=(8, 8), strides=(1, 2), dilations=(1, 1), kernel_size=3
        ),
        cls_head=dict(type='FrameHead', num_classes=3, in_channels=8, stride=2),
    )
    dataset = dict(type='SkeletonSegmentationDataset', ann_file='', window=32, pipeline=PACK)
    cfg = Config(dict(default_scope='mmactrep', model=model, test_dataloader=dict(dataset=dataset)))
    folder = tmp_path_factory.mktemp('model')
    cfg.dump(folder / 'tiny.py')
    torch.manual_seed(0)
    built = MODELS.build(cfg.model)
    for parameter in built.cls_head.parameters():
        torch.nn.init.normal_(parameter)
    meta = dict(dataset_meta=dict(classes=['a', 'b', 'c'], layout='posetics17'))
    torch.save(dict(state_dict=built.state_dict(), meta=meta), folder / 'tiny.pth')
    return folder / 'tiny.py', folder / 'tiny.pth', built.eval()


@pytest.fixture
def clip(rng):
    keypoint = np.cumsum(rng.normal(size=(1, 100, 17, 2)), axis=1).astype(np.float32)
    return dict(keypoint=keypoint, img_shape=(480, 640), frame_dir='walk')


def test_windows_that_do_not_overlap_are_the_network_on_each(trained, clip):
    config, checkpoint, model = trained
    segmenter = ActionSegmenter(config, checkpoint, stride=32, device='cpu')
    assert segmenter.window == 32 and segmenter.classes == ['a', 'b', 'c']
    found = segmenter.segment(clip, batch_size=2)
    assert found.shape == (100, 3)
    x = torch.from_numpy(clip['keypoint'])
    with torch.no_grad():
        first = model.frame_logits(x[:, :32].reshape(1, 1, 32, 17, 2)).sigmoid()[0]
    np.testing.assert_allclose(found[:32], first, atol=1e-6)


def test_batches_and_pieces_do_not_show(trained, clip):
    config, checkpoint, _ = trained
    segmenter = ActionSegmenter(config, checkpoint, stride=8, device='cpu')
    whole = segmenter.segment(clip, batch_size=16)
    np.testing.assert_allclose(segmenter.segment(clip, batch_size=3), whole, atol=1e-5)
    pieces = list(segmenter.iterate(clip, batch_size=2))
    assert len(pieces) > 3 and max(map(len, pieces)) <= 32 + 8
    short = dict(clip, keypoint=clip['keypoint'][:, :5])
    assert segmenter.segment(short).shape == (5, 3)


def test_bfloat16_is_close(trained, clip):
    config, checkpoint, _ = trained
    exact = ActionSegmenter(config, checkpoint, device='cpu').segment(clip)
    rounded = ActionSegmenter(config, checkpoint, device='cpu', bfloat16=True).segment(clip)
    assert 0 < np.abs(exact - rounded).max() < 0.05


def test_a_stream_with_full_lookahead_says_what_is_said_offline(trained, clip):
    config, checkpoint, _ = trained
    segmenter = ActionSegmenter(config, checkpoint, stride=8, device='cpu')
    # windows end with the sequence: 96 = 32 + 8 * 8
    clip['keypoint'] = clip['keypoint'][:, :96]
    stream = StreamingSegmentor.from_segmenter(segmenter, (480, 640), hop=8, lookahead=24)
    parts = [stream.push(clip['keypoint'][:, t]) for t in range(96)]
    parts.append(stream.finish())
    np.testing.assert_allclose(np.concatenate(parts), segmenter.segment(clip), atol=1e-5)


@pytest.mark.parametrize(('hop', 'lookahead'), [(1, 0), (4, 0), (5, 7), (8, 24), (32, 0), (3, 20)])
@pytest.mark.parametrize('length', [1, 10, 33, 200])
def test_latency_is_bounded_and_every_frame_is_scored_once(hop, lookahead, length):
    # the score of a frame is a known function of it
    stream = StreamingSegmentor(
        lambda keypoint, score: keypoint[0, :, 0, :2], 2, window=32, hop=hop, lookahead=lookahead
    )
    truth = np.stack([np.sin(np.arange(length)), np.arange(length)], axis=1).astype(np.float32)
    found = []
    for t in range(length):
        assert stream.next_frame == len(found)
        found.extend(stream.push(np.tile(truth[t], (1, 17, 1))))
        # frames up to t have come; the oldest that waits is younger than lookahead + hop
        assert t + 1 - len(found) < lookahead + hop
        assert len(stream._merger) <= 32 and len(stream._frames) <= 32
    found.extend(stream.finish())
    np.testing.assert_allclose(np.array(found), truth, rtol=1e-6, atol=1e-7)


def test_what_is_refused(trained):
    config, checkpoint, _ = trained
    with pytest.raises(InferenceError, match=r'stride must lie in \[1, 32\], found 64'):
        ActionSegmenter(config, checkpoint, stride=64, device='cpu')
    with pytest.raises(InferenceError, match='is not a segmentor'):
        ActionSegmenter(None, None, device='cpu')
    for options in (dict(hop=0), dict(hop=40), dict(hop=8, lookahead=25)):
        with pytest.raises(InferenceError, match='expected hop in'):
            StreamingSegmentor(lambda k, s: k, 2, window=32, **options)
