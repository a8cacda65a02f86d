"""Recall of clips by sentence and of sentences by clip.

    python tools/analysis/evaluate_retrieval.py STORE TMOR_CHECKPOINT --text-features FEATURES --split test
    python tools/analysis/evaluate_retrieval.py CONFIG TMOR_CHECKPOINT --text-features FEATURES

The clips are those of a skeleton store, read as the checkpoint reads its own, or the test split of CONFIG,
which is that of a recognizer. The features are those that the checkpoint's text teacher made of sentences
about the clips (tools/extract_features.py text STORE --captions FILE). A clip may have several sentences, and
several clips may share one: a sentence finds any clip of which it was said, a clip any of its sentences.
Prints the recall at 1, 5 and 10 results, and what results drawn at random would have.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmactrep.arguments import BATCH, COUNT, add_config_options, add_overlay_argument, plain_errors


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('clips', metavar='STORE|CONFIG', help='skeleton store, or config of a recognizer')
    parser.add_argument('checkpoint', help='checkpoint of T-MOR or of a recognizer with a text head')
    add_overlay_argument(parser)
    parser.add_argument(
        '--text-features', required=True, metavar='FEATURES', help='feature store of the sentences'
    )
    parser.add_argument('--split', default='test', help='split of the clips (%(default)s)')
    parser.add_argument(
        '--at', nargs='+', type=COUNT, default=[1, 5, 10], help='numbers of results (default: 1 5 10)'
    )
    parser.add_argument('--batch-size', type=BATCH, default=64, help='clips at once (%(default)s)')
    parser.add_argument('--device', default='cpu', help='cpu, cuda:0, ... (%(default)s)')
    add_config_options(parser)
    args = parser.parse_args(argv)

    from mmactrep.apis.retrieval import clips_of_config, clips_of_store, load_embedder, sentences_of
    from mmactrep.evaluation.functional import chance_recall, recall_at
    from mmactrep.store.feature_store import FeatureStore

    texts = FeatureStore(args.text_features)
    recognizer = load_embedder(args.checkpoint, texts, args.device)
    if Path(args.clips).is_dir():
        names, motions = clips_of_store(args.clips, args.split, recognizer, texts, args.batch_size)
    else:
        options = dict(overlays=args.overlays, options=args.cfg_options)
        names, motions = clips_of_config(args.clips, args.split, recognizer, args.batch_size, **options)
    sentences, said = sentences_of(names, texts, recognizer)
    found = said.any(axis=0)
    motions, said = motions[found], said[:, found]
    print(f'{len(motions)} clips with {len(sentences)} different sentences')
    similarities = sentences @ motions.T
    for title, values, relevant in (
        ('clips by sentence', similarities, said),
        ('sentences by clip', similarities.T, said.T),
    ):
        chance = chance_recall(relevant, args.at)
        for k, recall in recall_at(values, relevant, args.at).items():
            print(f'{title} R@{k}: {recall:.4f}')
            print(f'{title} R@{k} by chance: {chance[k]:.4f}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
