"""Composed sequences, by a generator whose code is known: what is mixed, whose static, size and place."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from mmactrep.datasets.transforms.normalization import BoxNormalize
from mmactrep.models.generators import MotionAutoencoder
from mmactrep.models.layers.orthogonal_dictionary import MotionCode
from mmactrep.models.pretrainers import MotionComposer
from mmactrep.models.pretrainers.composition import body_size, draw_others, restore_deviation
from mmactrep.registry import MODELS
from mmactrep.structures import get_layout
from mmactrep.structures.motion_representation import MotionStatistics, from_motion, motion_root, to_motion
from tests.helpers.pretraining import GENERATOR, JOINTS, LENGTH, build, make_batch, train_statistics

LAYOUT = get_layout('posetics17')


@MODELS.register_module(force=True)
class TransparentGenerator(nn.Module):
    """A code that can be read: motion is the velocity of every channel, static its first frame."""

    def __init__(self, size=3.0):
        super().__init__()
        self.layout, self.in_channels = LAYOUT, 2
        channels = 2 * JOINTS
        self.register_buffer('mean', torch.zeros(channels))
        self.register_buffer('std', torch.full((channels,), size))
        self.register_buffer('has_statistics', torch.tensor(True))

    def standardize(self, motion):
        return MotionStatistics(self.mean, self.std).standardize(motion)

    def restore(self, motion):
        return MotionStatistics(self.mean, self.std).restore(motion)

    def encode(self, x):
        return MotionCode(x - x[:, :, :1], x[:, :, 0])

    def decode(self, code, length=None):
        return (code.motion + code.static[:, :, None])[:, :, :length]

    @staticmethod
    def compose(codes, static=None):
        return MotionCode(sum(code.motion for code in codes) / len(codes), codes[0].static)


def composer(**kwargs):
    return MotionComposer(generator=dict(type='TransparentGenerator'), **kwargs)


def normalized(clip):
    """One person's motion (V·C, T) in a body of size 3, and the factor to its own size, written out."""
    motion = to_motion(clip, LAYOUT)
    factor = float((motion[:-2] ** 2).mean() ** 0.5) / 3.0
    return motion / factor, factor


def combine(clips, motions, static):
    """The sequence with the mean motion of some clips (T, V, C) and the static of another."""
    codes = [normalized(clips[i])[0] for i in motions]
    moving = sum(code - code[:, :1] for code in codes) / len(codes)
    own, factor = normalized(clips[static])
    generated = (moving + own[:, :1]) * factor
    return from_motion(generated, LAYOUT, clips[static][0, motion_root(LAYOUT)])


def test_query_and_keys_are_eq_4_5_in_the_donors_size_and_place():
    clips = make_batch(4)[0][:, 0]
    clips = clips * torch.tensor([1.0, 2.0, 0.5, 3.0])[:, None, None, None, None]
    query, keys, partners, original = composer(num_motions=2)(clips, 2)
    assert not original.any()
    assert query.shape == clips.shape and keys.shape == (4, 2, *clips.shape[1:])
    people = clips[:, 0]
    for n in range(4):
        partner = int(partners[n, 0])
        assert partner != n
        torch.testing.assert_close(query[n, 0], combine(people, (n, partner), n), rtol=1e-4, atol=1e-5)
        others = [combine(people, (n, partner), donor) for donor in range(4) if donor != n]
        for key in keys[n, :, 0]:
            errors = [float((key - other).abs().max()) for other in others]
            assert min(errors) < 1e-4, 'a key is the same motion with the static of another row'


def test_a_perfect_generator_gives_a_single_motion_back():
    clips = make_batch(3)[0][:, 0]
    composed = composer(num_motions=1)(clips, 1)
    torch.testing.assert_close(composed.query, clips, rtol=1e-4, atol=1e-5)
    assert composed.partners.shape == (3, 0)


def test_deviation_is_restored_sequence_by_sequence():
    """Uncorrelated motions: a factor of sqrt(2); equal ones: none; opposite ones: no more than 2."""
    wave = torch.linspace(0, 20 * torch.pi, 401)[:-1]
    one, other = torch.sin(wave), torch.cos(wave)
    parts = [torch.stack([one, one, one])[:, None] + 5, torch.stack([other, one, -0.9 * one])[:, None] + 1]
    composed = (parts[0] + parts[1]) / 2
    found = restore_deviation(composed, parts)
    torch.testing.assert_close(found.mean(dim=2), composed.mean(dim=2))
    torch.testing.assert_close(found[0, 0] - 3, (one + other) / 2 * 2**0.5, atol=1e-4, rtol=0)
    torch.testing.assert_close(found[1], composed[1])
    torch.testing.assert_close(found[2, 0] - 3, 2 * 0.05 * one, atol=1e-4, rtol=0)
    still = torch.full((1, 2, 8), 3.0)
    assert torch.equal(restore_deviation(still, [still, still]), still)


def test_compositions_move_as_much_as_their_motions_on_demand():
    clips = make_batch(6)[0][:, 0]
    results = []
    for restore in (False, True):
        torch.manual_seed(3)
        results.append(composer(restore_deviation=restore)(clips, 1))
    (plain, restored), motions = results, [normalized(clip)[0] for clip in clips[:, 0]]

    def moved(motion):
        return float(motion.std(dim=1, correction=0).square().mean().sqrt())

    for n in range(6):
        expected = (moved(motions[n]) + moved(motions[int(plain.partners[n, 0])])) / 2
        factor = normalized(clips[n, 0])[1]
        found = to_motion(restored.query[n, 0], LAYOUT) / factor
        # the root's velocity is a difference, whose first frame is not given back
        assert moved(found[:-2]) == pytest.approx(expected, rel=0.1)
        assert moved(to_motion(plain.query[n, 0], LAYOUT) / factor) < 0.9 * expected


def test_original_queries_are_the_clips_themselves():
    clips = make_batch(5)[0][:, 0]
    composed = composer(original_fraction=1.0)(clips, 1)
    assert torch.equal(composed.query, clips) and composed.original.all()
    assert torch.equal(composed.partners[:, 0], torch.arange(5)), 'their keys hold no other motion'
    some = composer(original_fraction=0.5)(make_batch(60)[0][:, 0], 1)
    assert torch.equal(some.partners[:, 0] == torch.arange(60), some.original)
    assert 0.2 < some.original.float().mean() < 0.8


def test_generated_clips_are_in_the_box_in_which_the_pipeline_puts_real_ones():
    """All persons together, absent ones left out; real queries stay as they are."""
    clips = make_batch(8, persons=2)[0][:, 0].clone()
    clips[1, 1] = 0
    results = []
    for normalize in (None, dict(type='BoxNormalize')):
        torch.manual_seed(3)
        results.append(composer(original_fraction=0.5, normalize=normalize)(clips, 2))
    plain, boxed = results
    assert torch.equal(boxed.query[boxed.original], clips[boxed.original]) and boxed.original.any()
    assert not boxed.query[1, 1].any() and not boxed.keys[1, :, 1].any()
    pairs = [(plain.query[n], boxed.query[n]) for n in (~plain.original).nonzero().flatten().tolist()]
    pairs += [(plain.keys[n, p], boxed.keys[n, p]) for n in range(8) for p in range(2)]
    for before, after in pairs:
        expected = BoxNormalize().transform(dict(keypoint=before.numpy()))['keypoint']
        torch.testing.assert_close(after, torch.from_numpy(expected), rtol=1e-4, atol=1e-5)
    assert not torch.allclose(plain.keys, boxed.keys, atol=0.1)


def test_aligned_clips_start_as_real_ones_do():
    generator = GENERATOR | dict(in_channels=3)
    model = MotionComposer(generator=generator, normalize=dict(type='AlignSkeleton3D'))
    train_statistics(model.generator)
    chest, left, right = LAYOUT.indices(('chest', 'left_shoulder', 'right_shoulder'))
    views = model(torch.randn(3, 1, 12, JOINTS, 3), 2).keys[:, :, 0, 0]
    torch.testing.assert_close(views[:, :, chest], torch.zeros(3, 2, 3), rtol=0, atol=1e-5)
    across = views[:, :, right] - views[:, :, left]
    torch.testing.assert_close(across[..., 1:], torch.zeros(3, 2, 2), rtol=0, atol=1e-4)


def test_absent_persons_stay_absent_and_lend_nothing():
    clips = make_batch(4, persons=2)[0][:, 0].clone()
    clips[1, 1] = 0
    clips[3, 1] = 0
    query, keys, partners, _ = composer(num_motions=3)(clips, 3)
    for n, present in enumerate((True, False, True, False)):
        assert bool(query[n, 1].any()) == present and bool(keys[n, :, 1].any()) == present
    assert torch.isfinite(query).all() and torch.isfinite(keys).all()
    # whose partner has no second person composes it with itself, which counts as often as the partner would
    shown = [int(p) if p in (0, 2) else 0 for p in partners[0].tolist()]
    expected = combine(clips[:, 1], (0, *shown), 0)
    torch.testing.assert_close(query[0, 1], expected, rtol=1e-4, atol=1e-5)


def test_noise_on_statics_touches_keys_alone():
    clips = make_batch(4)[0][:, 0]
    torch.manual_seed(3)
    plain = composer(num_motions=1)(clips, 2)
    torch.manual_seed(3)
    noisy = composer(num_motions=1, static_noise=0.3)(clips, 2)
    assert torch.equal(plain.query, noisy.query)
    assert (plain.keys - noisy.keys).abs().mean() > 0.01


def test_noise_on_statics_does_not_depend_on_absent_persons():
    """Its unit is the deviation over those present: an empty second person in every clip adds nothing."""
    clips = make_batch(4)[0][:, 0, :1]
    people = torch.cat([clips, torch.zeros_like(clips)], dim=1)
    statics = torch.stack([normalized(clip[0])[0][:, 0] / 3.0 for clip in clips])
    noise = torch.randn(4, 2, statics.shape[1])

    def drawn(batch):
        model = composer(num_motions=1, static_noise=0.5)
        persons = batch.shape[1]
        seen = []
        decode = model.generator.decode
        model.generator.decode = lambda code, length: seen.append(code.static) or decode(code, length)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(torch, 'randn_like', lambda x: noise[:, :persons].flatten(0, 1))
            torch.manual_seed(3)
            model(batch, 1)
        return [static.view(4, persons, -1)[:, 0] for static in seen]

    own, key = drawn(clips)
    torch.testing.assert_close(own, statics)
    spread = statics.std(dim=0, correction=0)
    donors = (key - 0.5 * spread * noise[:, 0])[:, None]
    # without its noise, each key has the static of another clip of the batch
    assert ((donors - statics).abs().amax(dim=2) < 1e-4).sum(dim=1).tolist() == [1] * 4
    for first, second in zip((own, key), drawn(people)):
        torch.testing.assert_close(first, second)


def test_the_generator_is_frozen_and_in_evaluation_mode():
    model = build('LAC').train()
    generator = model.composer.generator
    assert not generator.training and not any(p.requires_grad for p in generator.parameters())
    clips = make_batch()[0][:, 0]
    torch.manual_seed(0)
    first = model.composer(clips, 1)
    torch.manual_seed(0)
    assert torch.equal(first.keys, model.composer(clips, 1).keys), 'no dropout'


def test_real_generator_of_a_checkpoint(tmp_path):
    """The checkpoint of a retargeter, whose generator stands under a prefix; statistics come with it."""
    torch.manual_seed(5)
    settings = {key: value for key, value in GENERATOR.items() if key != 'type'}
    trained = MotionAutoencoder(**settings)
    train_statistics(trained)
    state = {f'generator.{name}': value for name, value in trained.state_dict().items()}
    torch.save(dict(state_dict=state), tmp_path / 'generator.pth')
    init = dict(type='Pretrained', checkpoint=str(tmp_path / 'generator.pth'), prefix='generator.')
    loaded = MotionComposer(generator=GENERATOR | dict(init_cfg=init))
    loaded.init_weights()
    for name, value in loaded.generator.state_dict().items():
        assert torch.equal(value, trained.state_dict()[name]), name
    query, keys, _, _ = loaded(make_batch()[0][:, 0], 2)
    assert query.shape[2] == LENGTH and torch.isfinite(keys).all()


def test_an_untrained_generator_is_refused():
    model = build('LAC')
    model.composer.generator.has_statistics.fill_(False)
    with pytest.raises(RuntimeError, match='no statistics of its training motions'):
        model(*make_batch(), mode='loss')


def test_another_layout_is_refused():
    with pytest.raises(ValueError, match=r"layout 'posetics17' with 17 joints in 2D.*\(4, 1, 12, 15, 2\)"):
        composer()(torch.randn(4, 1, 12, 15, 2), 1)


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(num_motions=0), 'num_motions'),
        (dict(original_fraction=1.5), 'original_fraction'),
        (dict(normalize=dict(type='ScreenNormalize')), 'BoxNormalize or AlignSkeleton3D'),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        composer(**arguments)


@pytest.mark.parametrize('batch', [2, 3, 9])
def test_others_are_others(batch):
    drawn = draw_others(batch, 4)
    assert drawn.shape == (batch, 4) and int(drawn.min()) >= 0 and int(drawn.max()) < batch
    assert not (drawn == torch.arange(batch)[:, None]).any()
    for row in drawn.tolist():
        assert len(set(row)) == min(4, batch - 1)
    counts = torch.bincount(draw_others(batch, 1)[:, 0].repeat(1), minlength=batch)
    assert counts.sum() == batch
    assert draw_others(1, 2).tolist() == [[0, 0]]


def test_body_size_is_the_root_mean_square_of_the_joints():
    motion = torch.randn(2, 6, 5)
    expected = [float((m[:4] ** 2).sum() / 20) ** 0.5 for m in motion]
    torch.testing.assert_close(body_size(motion, 2), torch.tensor(expected))
