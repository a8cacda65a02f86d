"""A step of T-MOR: what each of its losses compares, what goes into the queues, what it refuses."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn.functional import normalize

from mmactrep.models import pool_sequences
from mmactrep.models.pretrainers.tmor import TeacherFeatureError
from mmactrep.registry import MODELS
from tests.helpers.pretraining import build, freeze_batch_norms, make_batch
from tests.models.pretrainers.test_distributed_pretraining import close, in_two_processes

VIDEO, TEXT, WIDTH = 5, 7, 6
CATEGORIES = (3, 4, 3, 3, 9, -1)
TEACHERS = dict(
    video_teacher='eyes',
    text_teacher='words',
    video_neck=dict(type='ProjectionHead', in_channels=VIDEO, out_channels=WIDTH),
    text_neck=dict(type='ProjectionHead', in_channels=TEXT, out_channels=WIDTH),
)


def make_tmor(**changes):
    return freeze_batch_norms(
        build('TMOR', **(TEACHERS | dict(frame_neck=None, queue_size=10, num_positives=1) | changes))
    )


def with_features(samples, seed=0, video=(0, 1, 2, 4, 5), text=(0, 1, 2, 3, 4)):
    """Data samples with features of teachers, but for some clips."""
    rng = torch.Generator().manual_seed(seed)
    for row, sample in enumerate(samples):
        sample.set_metainfo(
            dict(
                video_features=torch.randn(VIDEO, generator=rng).numpy() if row in video else None,
                text_features=torch.randn(TEXT, generator=rng).numpy() if row in text else None,
                text_category=CATEGORIES[row] if row in text else -1,
            )
        )
    return samples


def features(samples, kind):
    return [sample.metainfo[f'{kind}_features'] for sample in samples]


def written_out(model, kind, motion, samples, earlier):
    """Eq. 6.4 and 6.6 for each clip, one term after the other."""
    neck = getattr(model, f'{kind}_neck')
    losses = []
    for row, own in enumerate(features(samples, kind)):
        if own is None:
            continue

        def similarity(other, row=row):
            return float(motion[row] @ normalize(neck(torch.as_tensor(other)[None])[0], dim=0)) / 0.1

        positive = math.exp(similarity(own))
        total = positive
        for other, category, instance in earlier:
            same = kind == 'text' and category == CATEGORIES[row] and category >= 0
            if not same and instance != samples[row].metainfo['sample_idx']:
                total += math.exp(similarity(other))
        losses.append(-math.log(positive / total))
    return sum(losses) / len(losses)


@pytest.mark.parametrize('kind', ['video', 'text'])
def test_losses_are_those_of_the_equations(kind):
    model = make_tmor()
    inputs, samples = make_batch(clips=2)
    with_features(samples)
    first = model(inputs, samples, mode='loss')
    assert set(first) == {
        *('loss_sequence', 'acc_sequence', 'loss_video', 'acc_video', 'loss_text', 'acc_text')
    }
    assert first[f'loss_{kind}'].item() == pytest.approx(0, abs=1e-6)  # no negative yet

    earlier = [
        (found, CATEGORIES[row], samples[row].metainfo['sample_idx'])
        for row, found in enumerate(features(samples, kind))
        if found is not None
    ]
    inputs, samples = make_batch(clips=2, seed=1)
    for row, sample in enumerate(samples):
        sample.set_metainfo(dict(sample_idx=row + 3))  # three of them were in the batch before
    with_features(samples, seed=1, video=(0, 2, 3), text=(1, 2, 4))
    motion = normalize(model.neck(pool_sequences(model.backbone(inputs[:, 0]))), dim=1).detach()
    losses = model(inputs, samples, mode='loss')
    expected = written_out(model, kind, motion, samples, earlier)
    assert expected > 0.5
    assert losses[f'loss_{kind}'].item() == pytest.approx(expected, rel=1e-4)


def test_the_motion_loss_is_that_of_the_base_class():
    inputs, samples = make_batch(clips=2)
    plain = freeze_batch_norms(
        build('ContrastivePretrainer', frame_neck=None, queue_size=10, num_positives=1)
    )
    model = make_tmor()
    model.load_state_dict(plain.state_dict(), strict=False)
    expected = plain(inputs, samples, mode='loss')['loss_sequence']
    found = model(inputs, with_features(samples), mode='loss')['loss_sequence']
    torch.testing.assert_close(found, expected)


def test_the_queues_hold_features_before_projection():
    model = make_tmor()
    inputs, samples = make_batch(clips=2)
    with_features(samples, text=(1, 4))
    model(inputs, samples, mode='loss')
    queue = model.text_queue
    assert queue.extras['filled'].tolist() == [True] * 2 + [False] * 8
    assert queue.extras['category'][:2].tolist() == [CATEGORIES[1], CATEGORIES[4]]
    torch.testing.assert_close(queue.features[0], torch.as_tensor(samples[1].metainfo['text_features']))


def test_gradients_reach_encoder_and_projections():
    model = make_tmor()
    for seed in range(2):
        inputs, samples = make_batch(clips=2, seed=seed)
        losses = model(inputs, with_features(samples, seed), mode='loss')
    (losses['loss_video'] + losses['loss_text']).backward()
    for name, parameter in model.named_parameters():
        if not name.startswith('momentum_encoder'):
            assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize('kind', ['video', 'text'])
def test_one_loss_alone(kind):
    other = dict(video='text', text='video')[kind]
    model = make_tmor(motion_loss=False, **{f'{other}_teacher': None, f'{other}_neck': None})
    inputs, samples = make_batch(clips=2)
    losses = model(inputs, with_features(samples), mode='loss')
    assert set(losses) == {f'loss_{kind}', f'acc_{kind}'}


def test_the_identity_maps_into_the_space_of_the_teacher():
    neck = dict(type='ProjectionHead', in_channels=12, out_channels=TEXT)
    model = make_tmor(neck=neck, text_neck=None, video_teacher=None, video_neck=None)
    assert model.text_queue.features.shape == (10, TEXT)
    losses = model(*make_batch_with_text(), mode='loss')
    assert torch.isfinite(losses['loss_text'])


def make_batch_with_text():
    inputs, samples = make_batch(clips=2)
    return inputs, with_features(samples)


def test_a_batch_without_features_costs_nothing_and_breaks_nothing():
    model = make_tmor()
    inputs, samples = make_batch(clips=2)
    with_features(samples, video=(), text=())
    losses = model(inputs, samples, mode='loss')
    assert float(losses['loss_video']) == float(losses['loss_text']) == 0
    sum(value for name, value in losses.items() if name.startswith('loss')).backward()
    assert not model.text_queue.extras['filled'].any()


def test_a_learned_temperature_gets_a_gradient_and_has_a_floor():
    model = make_tmor(text_loss=dict(learn_temperature=True, temperature=0.07))
    for seed in range(2):
        inputs, samples = make_batch(clips=2, seed=seed)
        losses = model(inputs, with_features(samples, seed), mode='loss')
    losses['loss_text'].backward()
    learned = model.text_criterion.log_temperature
    assert learned.grad.abs() > 0 and float(model.text_criterion.temperature) == pytest.approx(0.07)
    with torch.no_grad():
        learned.fill_(-100.0)
    assert float(model.text_criterion.temperature) == pytest.approx(0.01)
    with pytest.raises(AttributeError, match='learned'):
        model.text_criterion.temperature = 0.2


def test_what_does_not_fit_is_refused():
    inputs, samples = make_batch(clips=2)
    with pytest.raises(TeacherFeatureError, match='LoadTeacherFeatures'):
        make_tmor()(inputs, samples, mode='loss')
    with_features(samples)
    samples[2].set_metainfo(dict(text_features=torch.zeros(TEXT + 1).numpy()))
    with pytest.raises(TeacherFeatureError, match='expected text features of 7 numbers, found 8'):
        make_tmor()(inputs, samples, mode='loss')
    with pytest.raises(ValueError, match='nothing is trained'):
        make_tmor(motion_loss=False, video_teacher=None, text_teacher=None)
    with pytest.raises(ValueError, match='equal'):
        make_tmor(text_neck=dict(type='ProjectionHead', in_channels=TEXT, out_channels=WIDTH + 1))


def test_a_resumed_model_has_its_queues():
    model = make_tmor()
    inputs, samples = make_batch(clips=2)
    model(inputs, with_features(samples), mode='loss')
    again = make_tmor()
    again.load_state_dict(model.state_dict())
    inputs, samples = make_batch(clips=2, seed=1)
    with_features(samples, 1)
    expected, found = (each(inputs, samples, mode='loss') for each in (model, again))
    assert expected.keys() == found.keys()
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value)


def three_steps(model, rank=0, world=1):
    found = []
    for seed in range(3):
        inputs, samples = make_batch(count=6, clips=2, seed=seed)
        # the halves have different numbers of texts, and in the last step one has none
        with_features(samples, seed, text=(0, 3, 4) if seed < 2 else (4, 5))
        share = slice(rank * 6 // world, (rank + 1) * 6 // world)
        model.zero_grad()
        losses = model(inputs[share], samples[share], mode='loss')
        sum(value for name, value in losses.items() if name.startswith('loss')).backward()
        named = {name.removeprefix('module.'): p for name, p in model.named_parameters() if p.requires_grad}
        gradients = {name: parameter.grad.clone() for name, parameter in named.items()}
        with torch.no_grad():
            for parameter in named.values():
                parameter -= 0.05 * parameter.grad
        found.append(({name: value.detach() for name, value in losses.items()}, gradients))
    state = {name.removeprefix('module.'): value for name, value in model.state_dict().items()}
    return found, state


def half(rank):
    from mmactrep.engine import CPUDistributedDataParallel

    torch.manual_seed(100 + rank)
    state = torch.get_rng_state()
    model = make_tmor()
    torch.set_rng_state(state)
    return three_steps(CPUDistributedDataParallel(model), rank, 2)


def test_two_processes_do_what_one_does():
    halves = in_two_processes(half)
    results, state = three_steps(make_tmor())
    for number, (losses, gradients) in enumerate(results):
        for name, expected in losses.items():
            mean = sum(torch.as_tensor(part[0][number][0][name]) for part in halves) / 2
            close(mean, expected, f'{name} of step {number}')
        for part in halves:
            for name, expected in gradients.items():
                close(part[0][number][1][name], expected, f'gradient of {name} in step {number}')
    for part in halves:
        for name, expected in state.items():
            close(part[1][name], expected, name)


def test_it_is_registered():
    assert MODELS.get('TMOR') is not None
