"""SST-A joint by joint: Eq. 3.1 to 3.4, and the script that the authors released.

Plain Python on purpose: the vectorized code is tested and timed against it.
"""

from __future__ import annotations

from math import dist, exp


def aggregate_plain(proposals, seen, head, neck, box_share=0.14):
    """Eq. 3.1 to 3.4 with the rules for missing joints.

    Args:
        proposals: [E][T][V] coordinate lists.
        seen: [E][T][V] truth values.
        head, neck: Joint numbers: a list of alternatives, each of which is a list of joints to average.
        box_share: Share of the box's diagonal that is used until head and neck have been seen.

    Returns:
        Aggregate [T][V] (None where missing), chosen experts [T][V] (-1 where missing), C [T].
    """
    experts, frames, joints = len(proposals), len(proposals[0]), len(proposals[0][0])
    poses, chosen, confidences = [], [], []
    length = None
    for t in range(frames):
        pose, choice = [], []
        for v in range(joints):
            voters = [k for k in range(experts) if seen[k][t][v]]
            before = poses[-1][v] if poses else None
            if not voters:
                k = -1
            elif before is not None:
                k = min(voters, key=lambda i: dist(proposals[i][t][v], before))
            elif len(voters) == 1:
                k = voters[0]
            else:
                pairs = [(i, j) for i in voters for j in voters if i < j]
                k = min(pairs, key=lambda p: dist(proposals[p[0]][t][v], proposals[p[1]][t][v]))[0]
            choice.append(k)
            pose.append(None if k < 0 else proposals[k][t][v])
        poses.append(pose)
        chosen.append(choice)
        ends = [_mean_of_first(pose, alternatives) for alternatives in (head, neck)]
        if None not in ends:
            length = dist(*ends)
        normal = length
        if normal is None:
            there = [p for p in pose if p is not None]
            normal = box_share * dist(*([f(c) for c in zip(*there)] for f in (min, max))) if there else 0.0
        votes = [
            dist(pose[v], proposals[k][t][v]) for v in range(joints) for k in range(experts) if seen[k][t][v]
        ]
        confidences.append(exp(-sum(votes) / len(votes) / (normal + 1e-12)) if votes else 0.0)
    return poses, chosen, confidences


def _mean_of_first(pose, alternatives):
    for group in alternatives:
        points = [pose[v] for v in group]
        if None not in points:
            return [sum(c) / len(points) for c in zip(*points)]
    return None


def aggregate_released_plain(experts, threshold=0.06):
    """The authors' script: three experts' poses [T_k][17][2], where (0, 0) is a missing joint.

    Returns:
        Poses [T][17][2] and confidences [T]; the last frame is zero in both.
    """
    frames = max(len(expert) for expert in experts)
    experts = [[*expert, *[[(0.0, 0.0)] * 17] * (frames - len(expert))] for expert in experts]
    poses = [[(0.0, 0.0)] * 17 for _ in range(frames)]
    confidences = [0.0] * frames
    for t in range(frames - 1):
        one, two, three = (expert[t] for expert in experts)
        for v in range(17):
            if t == 0:
                pairs = {
                    'one-two': (dist(one[v], two[v]), two[v]),
                    'two-three': (dist(two[v], three[v]), two[v]),
                    'one-three': (dist(one[v], three[v]), three[v]),
                }
                poses[t][v] = min(pairs.values(), key=lambda pair: pair[0])[1]
            else:
                poses[t][v] = min((one[v], two[v], three[v]), key=lambda p: dist(p, poses[t - 1][v]))
        shoulders = dist(poses[t][5], poses[t][6]) + 1e-8
        errors = [
            sum(dist(expert[v], poses[t][v]) for v in range(5, 17)) / 12 / shoulders
            for expert in (one, two, three)
        ]
        confidence = exp(-sum(errors) / 3)
        confidences[t] = confidence if confidence >= threshold else 0.0
    return poses, confidences
