"""Pre-training on videos: LTN in both encoders, each clip with its own time."""

from __future__ import annotations

import copy
import functools

import pytest
import torch
from mmengine.optim import OptimWrapper

from mmactrep.models.losses import InfoNCE
from mmactrep.models.pretrainers import VideoPretrainer
from mmactrep.registry import MODELS
from tests.helpers.pretraining import (
    VIDEO_BACKBONE,
    VIDEO_CHANNELS,
    build_video,
    freeze_batch_norms,
    make_videos,
    train_and_resume,
    train_steps,
)


def unit(x):
    return x / x.norm(dim=-1, keepdim=True)


def times_of(samples):
    return torch.stack([torch.as_tensor(sample.clip_times) for sample in samples])


def test_the_loss_is_that_of_time_blended_views_written_out():
    """Eq. 5.5 to 5.7: query and keys each with its own time, negatives from the queue."""
    model = freeze_batch_norms(build_video())
    inputs, samples = make_videos()
    queue, times = model.queue.features.clone(), times_of(samples)
    losses = model(inputs, samples, mode='loss')

    def embedded(view):
        features = model.backbone(inputs[:, view]).mean(dim=(2, 3, 4))
        directions = model.time.directions()
        magnitudes = model.time.encoder(features, times[:, view, :1])
        return unit(model.neck(features + magnitudes @ directions.T))

    # the first update copied the encoder
    positives = torch.stack([embedded(1), embedded(2)], dim=1)
    expected, _ = InfoNCE(temperature=0.1)(embedded(0), positives, queue)
    torch.testing.assert_close(losses['loss_sequence'], expected)
    torch.testing.assert_close(model.queue.features[:12], positives.flatten(0, 1))
    assert model.queue.instances[:12, 0].tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


@pytest.mark.parametrize('view', [0, 1, 2])
def test_every_clip_has_its_own_time(view):
    """Another time of one clip changes its own embedding and no other one."""
    model = freeze_batch_norms(build_video())
    inputs, samples = make_videos()
    changed = copy.deepcopy(samples)
    times = changed[3].clip_times.copy()
    times[view] += 7
    changed[3].set_metainfo(dict(clip_times=times))
    found = []
    for data in (samples, changed):
        views = model.make_views(inputs, data)
        query = model.embed(model._encoder(), views.query)['sequence'][:, None]
        found.append(torch.cat([query, model.embed_keys(views.keys)['sequence']], dim=1))
    differs = (found[0] - found[1]).abs().amax(dim=2) > 1e-4
    assert differs.nonzero().tolist() == [[3, view]]


def test_gradient_goes_to_backbone_time_and_neck_alone():
    model = build_video()
    model(*make_videos(), mode='loss')['loss_sequence'].backward()
    trained = {name.partition('.')[0] for name, p in model.named_parameters() if p.grad is not None}
    assert trained == {'backbone', 'time', 'neck'}
    for name, parameter in model.named_parameters():
        if not name.startswith('momentum_encoder'):
            assert parameter.grad is not None and torch.isfinite(parameter.grad).all(), name
    assert model.backbone.conv1.conv.weight.grad.abs().max() > 0
    assert model.time.directions.weight.grad.abs().max() > 0


def test_the_momentum_encoder_has_a_time_module_of_its_own():
    model = freeze_batch_norms(build_video(momentum=0.75))
    inputs, samples = make_videos()
    model(inputs, samples, mode='loss')
    before = model.time.directions.weight.detach().clone()
    with torch.no_grad():
        model.time.directions.weight.add_(1)
    model(inputs, samples, mode='loss')
    averaged = model.momentum_encoder.module['time'].directions.weight
    torch.testing.assert_close(averaged, before + 0.25)


def test_without_a_time_module_it_is_the_plain_contrast_and_needs_no_times():
    model = freeze_batch_norms(build_video(time=None))
    inputs, samples = make_videos()
    for sample in samples:
        sample.pop('clip_times')
    views = model.make_views(inputs, samples)
    assert torch.equal(views.query, inputs[:, 0]) and torch.equal(views.keys, inputs[:, 1:])
    query = unit(model.neck(model.backbone(inputs[:, 0]).mean(dim=(2, 3, 4))))
    torch.testing.assert_close(model.embed(model._encoder(), views.query)['sequence'], query)


@pytest.mark.parametrize('kind', ['VideoPretrainer', 'VideoBYOL'])
def test_saved_and_resumed_goes_on_bit_by_bit(tmp_path, kind):
    """Queue, momentum encoder with its time module, and its count of steps are in the checkpoint."""
    whole, resumed = train_and_resume(
        functools.partial(build_video, kind), make_videos, tmp_path / 'checkpoint.pth'
    )
    assert {'momentum_encoder.module.time.directions.weight', 'momentum_encoder.steps'} <= set(whole)
    for name, value in resumed.items():
        assert torch.equal(value, whole[name]), name


def test_f_alone_goes_into_a_recognizer():
    model = build_video()
    optimizer = OptimWrapper(torch.optim.SGD(model.backbone.parameters(), lr=0.1))
    train_steps(model, optimizer, make_videos, range(2))
    recognizer = MODELS.build(
        dict(
            type='Recognizer3D',
            backbone=VIDEO_BACKBONE,
            cls_head=dict(type='I3DHead', num_classes=3, in_channels=VIDEO_CHANNELS),
        )
    )
    missing = recognizer.load_state_dict(model.state_dict(), strict=False).missing_keys
    assert sorted(missing) == ['cls_head.fc_cls.bias', 'cls_head.fc_cls.weight']
    inputs, _ = make_videos()
    with torch.no_grad():
        expected = recognizer.eval().backbone(inputs[:, 1]).mean(dim=(2, 3, 4))
        torch.testing.assert_close(model.eval()(inputs[:, 1:2]), expected)
        torch.testing.assert_close(model(inputs), sum(model(inputs[:, i : i + 1]) for i in range(3)) / 3)


def test_overfits_a_handful_of_videos():
    model = build_video(momentum=0.9)
    optimizer = OptimWrapper(torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.05))
    inputs, samples = make_videos(count=8)
    data = dict(inputs=list(inputs), data_samples=samples)
    history = [model.train_step(copy.copy(data), optimizer) for _ in range(30)]
    curve = torch.stack([log['loss_sequence'].detach() for log in history])
    assert curve[-5:].mean() < 0.6 * curve[3:8].mean()


@pytest.mark.parametrize(
    ('times', 'message'),
    [
        (None, "'video_2': expected clip_times of 3 clips.*found none"),
        ([[0.0, 1.0, 1.0]], r'found \(1, 3\)'),
        ([[0.0, float('nan'), 1.0]] * 3, 'found .*nan'),
    ],
)
def test_clips_without_times_are_refused(times, message):
    inputs, samples = make_videos()
    samples[2].set_metainfo(dict(clip_times=times))
    with pytest.raises(ValueError, match=message):
        build_video()(inputs, samples, mode='loss')


def test_networks_and_samples_that_do_not_fit():
    inputs, samples = make_videos()
    with pytest.raises(ValueError, match='3 positives need samples of 4 clips'):
        build_video(num_positives=3)(inputs, samples, mode='loss')
    several = build_video(backbone=dict(VIDEO_BACKBONE, out_indices=(2, 3)))
    with pytest.raises(TypeError, match=r'a 3D network with one feature map .* found tuple'):
        several(inputs, samples, mode='loss')
    assert isinstance(several, VideoPretrainer)
