"""InfoNCE against Eq. 4.6 to 4.8 written out with loops."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from mmactrep.models.losses import InfoNCE, info_nce


def unit(*shape):
    return F.normalize(torch.randn(*shape, dtype=torch.float64), dim=-1)


def similarity(x, y, temperature):
    """Eq. 4.8 for two vectors."""
    return float(x @ y / (x.norm() * y.norm())) / temperature


def sequence_loss(query, positives, negatives, temperature, ignored=()):
    """Eq. 4.6, the positives in the denominator as well."""
    losses = []
    for n, q in enumerate(query):
        above = sum(math.exp(similarity(q, k, temperature)) for k in positives[n])
        below = sum(
            math.exp(similarity(q, k, temperature)) for j, k in enumerate(negatives) if (n, j) not in ignored
        )
        losses.append(-math.log(above / (above + below)))
    return sum(losses) / len(losses)


def frame_loss(query, positives, negatives, temperature, mean):
    """Eq. 4.7: similarities summed over frames, or their mean, within the exponent."""

    def total(x, y):
        sims = [similarity(a, b, temperature) for a, b in zip(x, y)]
        return sum(sims) / (len(sims) if mean else 1)

    losses = []
    for n, q in enumerate(query):
        above = sum(math.exp(total(q, k)) for k in positives[n])
        below = sum(math.exp(total(q, k)) for k in negatives)
        losses.append(-math.log(above / (above + below)))
    return sum(losses) / len(losses)


def test_sequence_level_is_eq_4_6():
    query, positives, negatives = unit(3, 5), unit(3, 4, 5), unit(7, 5)
    loss, _ = InfoNCE(temperature=0.3)(query, positives, negatives)
    assert float(loss) == pytest.approx(sequence_loss(query, positives, negatives, 0.3), rel=1e-5)


@pytest.mark.parametrize('reduction', ['mean', 'sum'])
def test_frame_level_is_eq_4_7(reduction):
    query, positives, negatives = unit(2, 6, 5), unit(2, 3, 6, 5), unit(4, 6, 5)
    loss, _ = InfoNCE(temperature=0.5, frame_reduction=reduction)(query, positives, negatives)
    expected = frame_loss(query, positives, negatives, 0.5, reduction == 'mean')
    assert float(loss) == pytest.approx(expected, rel=1e-5)


def test_one_positive_is_the_cross_entropy_of_moco():
    query, positives, negatives = unit(4, 5), unit(4, 1, 5), unit(9, 5)
    loss, _ = InfoNCE(temperature=0.2)(query, positives, negatives)
    logits = torch.cat([(query * positives[:, 0]).sum(1, keepdim=True), query @ negatives.T], dim=1) / 0.2
    expected = F.cross_entropy(logits, torch.zeros(4, dtype=torch.int64))
    torch.testing.assert_close(loss, expected.float())


def test_ignored_negatives_do_not_count():
    query, positives, negatives = unit(2, 5), unit(2, 2, 5), unit(4, 5)
    ignore = torch.tensor([[False, True, False, False], [True, True, False, False]])
    loss, accuracy = InfoNCE(temperature=0.3)(query, positives, negatives, ignore)
    expected = sequence_loss(query, positives, negatives, 0.3, {(0, 1), (1, 0), (1, 1)})
    assert float(loss) == pytest.approx(expected, rel=1e-5)
    # with every negative ignored nothing is left to tell apart
    loss, accuracy = InfoNCE()(query, positives, negatives, torch.ones(2, 4, dtype=torch.bool))
    assert float(loss) == 0 and float(accuracy) == 1


def test_gradient_pulls_to_positives_and_pushes_from_negatives():
    positives = torch.tensor([[2.0, 0.5]], requires_grad=True)
    negatives = torch.tensor([[1.0, -1.0]], requires_grad=True)
    info_nce(positives, negatives).sum().backward()
    assert (positives.grad < 0).all() and (negatives.grad > 0).all()
    # of the negatives it is their softmax over everything
    softmax = torch.softmax(torch.tensor([2.0, 0.5, 1.0, -1.0]), 0)[2:]
    torch.testing.assert_close(negatives.grad[0], softmax)


def test_accuracy_counts_queries_whose_best_positive_is_nearest():
    query = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    positives = torch.tensor([[[0.9, 0.1], [0.0, 1.0]], [[1.0, 0.0], [0.8, 0.6]]])
    negatives = torch.tensor([[0.1, 0.7]])
    assert float(InfoNCE()(query, positives, negatives)[1]) == 0.5


def test_loss_is_float32_under_autocast():
    query, positives, negatives = (x.float() for x in (unit(2, 5), unit(2, 2, 5), unit(4, 5)))
    expected, _ = InfoNCE()(query, positives, negatives)
    with torch.autocast('cpu', torch.bfloat16):
        loss, _ = InfoNCE()(query, positives, negatives)
    assert loss.dtype == torch.float32 and torch.equal(loss, expected)


def test_positives_in_the_queue_count_as_positives():
    query, positives, queue = unit(2, 5), unit(2, 2, 5), unit(4, 5)
    ignore = torch.tensor([[False, True, False, False], [False, False, False, False]])
    positive = torch.tensor([[True, True, False, False], [False, False, False, True]])
    loss, accuracy = InfoNCE(temperature=0.3)(query, positives, queue, ignore, positive)
    total = 0.0
    # an ignored key is no positive either
    for n, more, negatives in ((0, [0], [2, 3]), (1, [3], [0, 1, 2])):
        near = [*positives[n], *(queue[k] for k in more)]
        above = sum(math.exp(similarity(query[n], key, 0.3)) for key in near)
        below = sum(math.exp(similarity(query[n], queue[k], 0.3)) for k in negatives)
        total -= math.log(above / (above + below)) / 2
    assert float(loss) == pytest.approx(total, rel=1e-5)
    # a positive of the queue is no negative that could be nearer
    best = torch.einsum('nd,npd->np', query, positives).amax(1)
    rivals = torch.stack([(query[0] @ queue[[2, 3]].T).amax(), (query[1] @ queue[[0, 1, 2]].T).amax()])
    assert float(accuracy) == pytest.approx(float((best > rivals).double().mean()))


def test_separate_positives_have_one_cross_entropy_each():
    """As the release of LTN: logits of one positive and the whole queue, averaged over the positives."""
    query, positives, queue = unit(3, 5), unit(3, 4, 5), unit(7, 5)
    ignore = torch.zeros(3, 7, dtype=torch.bool)
    ignore[1, 2] = True
    loss, _ = InfoNCE(temperature=0.3, separate_positives=True)(query, positives, queue, ignore)
    expected = 0.0
    for p in range(4):
        logits = torch.cat([(query * positives[:, p]).sum(1, keepdim=True), query @ queue.T], dim=1) / 0.3
        logits[1, 3] = -math.inf
        expected += F.cross_entropy(logits, torch.zeros(3, dtype=torch.long)) / 4
    assert float(loss) == pytest.approx(float(expected), rel=1e-5)
    joint, _ = InfoNCE(temperature=0.3)(query, positives, queue, ignore)
    assert float(loss) > float(joint) + 0.1
    one = [InfoNCE(separate_positives=each)(query, positives[:, :1], queue)[0] for each in (False, True)]
    torch.testing.assert_close(*one)
    with pytest.raises(ValueError, match='no separate terms'):
        info_nce(queue @ queue.T, queue @ queue.T, positive=ignore[:, :7], separate=True)


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [(dict(temperature=0), 'temperature must be positive, got 0'), (dict(frame_reduction='max'), "'max'")],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        InfoNCE(**arguments)


def test_unequal_numbers_of_frames():
    with pytest.raises(ValueError, match='queries have 3 frames, positives 3 and negatives 2'):
        InfoNCE()(unit(2, 3, 4), unit(2, 1, 3, 4), unit(5, 2, 4))
