from __future__ import annotations

import numpy as np
import torch
from sklearn.preprocessing import StandardScaler

from mmactrep.models.heads import LinearEvaluationHead, VideoLinearHead
from mmactrep.registry import MODELS


def feature_maps(count=12, channels=4):
    """(N, M, C', T', V'), every channel of another scale and place."""
    torch.manual_seed(0)
    scale = torch.tensor([1.0, 1e3, 0.5, 7.0]).view(channels, 1, 1)
    return torch.randn(count, 2, channels, 5, 6) * scale + 3 * scale


def test_scores_are_linear_in_standardized_features():
    head = MODELS.build(dict(type='LinearEvaluationHead', num_classes=3, in_channels=4)).train()
    x = feature_maps()
    pooled = x.double().mean(dim=(1, 3, 4)).numpy()
    scaled = StandardScaler().fit_transform(pooled)
    expected = scaled @ head.fc.weight.detach().double().numpy().T + head.fc.bias.detach().double().numpy()
    np.testing.assert_allclose(head(x).detach().numpy(), expected, atol=2e-2)


def test_a_trained_head_scores_a_clip_by_itself():
    head = LinearEvaluationHead(3, 4).train()
    x = feature_maps(200)
    for _ in range(100):
        together = head(x)
    alone = head.eval()(x[:1])
    torch.testing.assert_close(alone, together[:1], atol=1e-2, rtol=1e-2)
    assert {name for name, _ in head.named_parameters()} == {'fc.weight', 'fc.bias'}


def test_without_the_norm_it_is_the_head_of_mmaction2():
    ours = LinearEvaluationHead(3, 4)
    theirs = MODELS.build(dict(type='GCNHead', num_classes=3, in_channels=4))
    ours.norm = torch.nn.Identity()
    theirs.load_state_dict(ours.state_dict())
    x = feature_maps()
    torch.testing.assert_close(ours(x), theirs(x))


def test_the_head_of_videos_does_the_same_with_its_feature_maps():
    ours = VideoLinearHead(3, 4).train()
    x = feature_maps().transpose(1, 2)  # (N, C', T', H', W')
    pooled = x.double().mean(dim=(2, 3, 4)).numpy()
    weight, bias = (each.detach().double().numpy() for each in (ours.fc_cls.weight, ours.fc_cls.bias))
    expected = StandardScaler().fit_transform(pooled) @ weight.T + bias
    np.testing.assert_allclose(ours(x).detach().numpy(), expected, atol=2e-2)
    ours.norm = torch.nn.Identity()
    theirs = MODELS.build(dict(type='I3DHead', num_classes=3, in_channels=4, dropout_ratio=0))
    theirs.load_state_dict(ours.state_dict())
    torch.testing.assert_close(ours(x), theirs(x))
