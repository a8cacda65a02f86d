"""Test a recognizer on classes that it was not trained on, named in words (Table 6.6).

    mmactrep zero-shot configs/unik/unik_penn_2d_small.py TMOR_CHECKPOINT
    mmactrep zero-shot CONFIG TMOR_CHECKPOINT --labels penn_action --unseen 'bowl, squat'
    mmactrep zero-shot CONFIG TMOR_CHECKPOINT --seen 'penn_action/seen 1' --calibrate 0.9
    mmactrep zero-shot CONFIG TMOR_CHECKPOINT --video-features STORE
    mmactrep zero-shot CONFIG UNIK_CHECKPOINT --one-hot

CONFIG is that of a recognizer and gives the clips. CHECKPOINT is one of T-MOR, or of any recognizer with a
text head. Prints the Top-1 accuracy of clips of unseen classes among these classes ('unseen only'), that of
all clips among all classes ('all'), its parts ('seen', 'unseen') with their harmonic mean, and the same
averaged over classes. Without --seen and --unseen all classes are unseen.

--video-features adds the scores of the clips' videos. A teacher with a text tower compares its own features
with its own texts; of any other the features are projected by the checkpoint. --one-hot is the baseline: a
recognizer of the seen classes, whose probabilities are mapped to all classes by the similarity of texts, by a
convex combination of text features (conse) and by shares (similarity).
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mmactrep.arguments import (
    BATCH,
    COUNT,
    SHARE,
    add_config_options,
    add_overlay_argument,
    number,
    plain_errors,
)

if TYPE_CHECKING:
    from mmengine.config import Config

    from mmactrep.apis.frozen_features import Features
    from mmactrep.apis.recognizer import ActionRecognizer
    from mmactrep.structures.class_texts import ClassText


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='config of a recognizer, for its clips')
    parser.add_argument('checkpoint', help='checkpoint of T-MOR or of a recognizer with a text head')
    add_overlay_argument(parser)
    parser.add_argument(
        '--labels',
        metavar='FILE|LIST',
        help="the classes in words: a text file, the name of a shipped list, or 'drink, wave' "
        '(default: the class names)',
    )
    parser.add_argument('--split', choices=['train', 'test'], default='test', help='(%(default)s)')
    group = parser.add_mutually_exclusive_group()
    lists = "'a, b, c', or the name of a published list, 'penn_action/seen 1'"
    group.add_argument('--seen', metavar='LIST', help=f'classes that were trained on: {lists}')
    group.add_argument('--unseen', metavar='LIST', help=f'classes that were not: {lists}')
    parser.add_argument(
        '--templates', default='plain', help='list of templates, or a template with {} (%(default)s)'
    )
    parser.add_argument(
        '--sentences',
        type=COUNT,
        metavar='N',
        help='use the first N descriptions of each class (default: all)',
    )
    parser.add_argument('--text-teacher', metavar='NAME', help='default: that of the checkpoint')
    parser.add_argument(
        '--calibrate',
        type=SHARE,
        metavar='SHARE',
        help='also subtract the constant from the scores of seen classes at which this share of the training '
        'clips of seen classes still goes to one of them',
    )
    parser.add_argument('--dump', metavar='NPZ', help='write the scores of all clips, for fuse_scores.py')
    video = parser.add_argument_group('videos')
    video.add_argument('--video-features', metavar='STORE', help='feature store of the videos of the clips')
    video.add_argument('--video-teacher', metavar='NAME', help='the teacher that it must be of')
    video.add_argument('--video-weight', type=SHARE, default=0.5, help='weight of the videos (%(default)s)')
    video.add_argument(
        '--video-temperature',
        type=number(0, 100, above=True),
        default=0.01,
        help="temperature of the teacher's own scores (%(default)s, CLIP's)",
    )
    one_hot = parser.add_argument_group('baseline')
    one_hot.add_argument(
        '--one-hot', action='store_true', help='CHECKPOINT recognizes the seen classes alone'
    )
    one_hot.add_argument(
        '--trained-labels',
        nargs='+',
        metavar='FILE',
        default=[],
        help="descriptions of the checkpoint's classes, as --labels (default: their names)",
    )
    one_hot.add_argument('--conse-classes', type=COUNT, default=10, help='classes combined (%(default)s)')
    parser.add_argument('--batch-size', type=BATCH, help='clips at once (default: as in the test)')
    parser.add_argument('--device', default='cpu', help='cpu, cuda:0, ... (%(default)s)')
    add_config_options(parser)
    args = parser.parse_args(argv)
    if args.one_hot and (args.video_features or args.calibrate is not None):
        parser.error('--one-hot has neither --video-features nor --calibrate')
    if args.calibrate is not None and not (args.seen or args.unseen):
        parser.error('--calibrate needs --seen or --unseen')
    return args


def say(figures: dict[str, float], name: str = '') -> None:
    """Print figures, their names led by that of the scores."""
    for key, value in figures.items():
        print(f'{name} {key.replace("_", " ")}: {value:.4f}'.strip())


def scores_by_text(
    args: argparse.Namespace, cfg: Config, labels: list[ClassText], seen: np.ndarray
) -> tuple[Features, np.ndarray]:
    """Figures of a recognizer with a text head, and of videos; returns the clips and their scores."""
    from mmactrep.apis.text_recognizer import load_text_recognizer
    from mmactrep.apis.zero_shot import embedded_motions, text_scores, video_scores
    from mmactrep.evaluation.functional import calibrated, choose_constant, softmax, zero_shot_metrics
    from mmactrep.store.feature_store import FeatureStore

    store = FeatureStore(args.video_features) if args.video_features else None
    recognizer = load_text_recognizer(args.checkpoint, labels, args.text_teacher, args.device, args.templates)
    warn_of_seen(recognizer, labels, seen)
    head = recognizer.model.cls_head
    (clips,) = embedded_motions(cfg, recognizer, [args.split], args.batch_size)
    scores = text_scores(head, clips.features)
    print(f'{len(clips.labels)} clips, {len(labels)} classes, {seen.sum()} of them seen')
    say(zero_shot_metrics(scores, clips.labels, seen))
    if args.calibrate is not None:
        (train,) = embedded_motions(cfg, recognizer, ['train'], args.batch_size)
        of_seen = text_scores(head, train.features[seen[train.labels]])
        constant = choose_constant(of_seen, seen, args.calibrate)
        say(dict(constant=constant))
        say(zero_shot_metrics(calibrated(scores, seen, constant), clips.labels, seen), 'calibrated')
    if store is not None:
        own, present = video_scores(
            store,
            clips.names,
            recognizer,
            labels,
            args.templates,
            args.video_temperature,
            args.video_teacher,
        )
        print(f'{present.sum()} of {len(present)} clips have a video')
        say(zero_shot_metrics(own[present], clips.labels[present], seen), 'video')
        # a clip without a video has the scores of its motion
        weight = args.video_weight * present[:, None]
        scores = (1 - weight) * softmax(scores) + weight * softmax(own)
        say(zero_shot_metrics(scores, clips.labels, seen), 'both')
    return clips, scores


def scores_by_classes(
    args: argparse.Namespace, cfg: Config, labels: list[ClassText], seen: np.ndarray
) -> tuple[Features, np.ndarray]:
    """Figures of a recognizer of other classes; returns the clips and their scores by ConSE."""
    from mmactrep.apis.recognizer import ActionRecognizer
    from mmactrep.apis.text_labels import read_labels
    from mmactrep.apis.zero_shot import class_probabilities, texts_like
    from mmactrep.evaluation.functional import conse, map_by_similarity, zero_shot_metrics
    from mmactrep.models.teachers import build_text_teacher, encode_classes

    teacher = build_text_teacher(args.text_teacher or 'minilm', args.device)
    recognizer = ActionRecognizer(weights=args.checkpoint, device=args.device)
    warn_of_seen(recognizer, labels, seen)
    described = [each for source in args.trained_labels for each in read_labels(source)]
    if args.sentences:
        described = [replace(each, sentences=each.sentences[: args.sentences]) for each in described]
    texts = texts_like(recognizer.classes, [*described, *labels])
    # one by one: over several data sets, two classes may have one name but for its spelling
    own = np.concatenate([encode_classes(teacher, [each], args.templates).cpu().numpy() for each in texts])
    wanted = encode_classes(teacher, labels, args.templates).cpu().numpy()
    (clips,) = class_probabilities(cfg, recognizer, [args.split], args.batch_size)
    print(f'{len(clips.labels)} clips, {len(labels)} classes, {seen.sum()} of them seen')
    figures = zero_shot_metrics(map_by_similarity(clips.features, own, wanted), clips.labels, seen)
    if not seen.all():
        # among unseen classes alone, these alone share the probabilities
        shares = np.zeros((len(clips.labels), len(labels)))
        shares[:, ~seen] = map_by_similarity(clips.features, own, wanted[~seen])
        among = zero_shot_metrics(shares, clips.labels, seen)
        figures |= {key: value for key, value in among.items() if key.endswith('unseen_only')}
    say(figures, 'similarity')
    scores = conse(clips.features, own, wanted, args.conse_classes)
    say(zero_shot_metrics(scores, clips.labels, seen), 'conse')
    return clips, scores


def warn_of_seen(recognizer: ActionRecognizer, labels: list[ClassText], seen: np.ndarray) -> None:
    """Say which of the classes called unseen the checkpoint was trained on, by their names."""
    from mmactrep.structures.class_texts import words_of

    trained = set(map(words_of, recognizer.seen_classes))
    known = [
        each.name for each, was_seen in zip(labels, seen) if not was_seen and words_of(each.name) in trained
    ]
    if known:
        print(
            f'warning: {recognizer.weights} was trained on {", ".join(known)}: these are not unseen',
            file=sys.stderr,
        )


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    args = parse_args(argv)

    from mmengine.logging import MMLogger
    from mmengine.registry import init_default_scope

    from mmactrep.apis.zero_shot import chosen_classes, classes_of, labels_of_classes
    from mmactrep.engine.composed_config import compose_config
    from mmactrep.evaluation import ScoreTable

    MMLogger.get_current_instance().setLevel('WARNING')
    cfg = compose_config(args.config, args.overlays, args.cfg_options)
    init_default_scope(cfg.get('default_scope', 'mmactrep'))
    classes = classes_of(cfg)
    labels = labels_of_classes(classes, args.labels)
    if args.sentences:
        labels = [replace(each, sentences=each.sentences[: args.sentences]) for each in labels]
    seen = np.zeros(len(classes), bool)
    if args.seen or args.unseen:
        seen = chosen_classes(classes, args.seen or args.unseen)
        seen = seen if args.seen else ~seen
    score = scores_by_classes if args.one_hot else scores_by_text
    clips, scores = score(args, cfg, labels, seen)
    if args.dump:
        ScoreTable(scores, clips.labels, np.array(clips.names), np.array(classes)).save(args.dump)
        print(f'scores are in {args.dump}')
    return 0
