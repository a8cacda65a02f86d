"""Accuracy and speed of exported files beside PyTorch's, on the clips of a store.

    python tools/analysis/benchmark_export.py CHECKPOINT data/penn_action/2d unik.onnx unik.int8.onnx

Every batch goes through every network in turn, on one thread each (--threads), so that other load affects all
the same; the time is that of the networks, without the preparation of clips.
"""

from __future__ import annotations

import argparse
import sys
import time

from mmactrep.arguments import BATCH, COUNT, THREADS, plain_errors


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('checkpoint', help='checkpoint, folder of a taught model, or name')
    parser.add_argument('store', help='store of clips with labels')
    parser.add_argument('files', nargs='+', metavar='ONNX', help='files of mmactrep export')
    parser.add_argument('--config', help='config of the checkpoint (default: the one in it, or named by it)')
    parser.add_argument('--split', default='test', help='split of the store (%(default)s)')
    parser.add_argument('--clips', type=COUNT, help='first clips of it (default: all)')
    parser.add_argument('--batch-size', type=BATCH, default=8, help='clips at once (%(default)s)')
    parser.add_argument('--threads', type=THREADS, default=1, help='threads of each network (%(default)s)')
    return parser.parse_args(argv)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    args = parse_args(argv)

    import numpy as np
    import torch

    from mmactrep.apis.export.onnx_session import OnnxNetwork
    from mmactrep.apis.export.opening import open_model
    from mmactrep.errors import InferenceError
    from mmactrep.models.layers.dependency_unit import fold_for_inference
    from mmactrep.store import SkeletonStore

    torch.set_num_threads(args.threads)
    recognizer, store = open_model(args.checkpoint, args.config), SkeletonStore(args.store)
    if list(store.classes) != list(recognizer.classes):
        raise InferenceError(f'{args.store} has other classes than {args.checkpoint}')
    folded = fold_for_inference(recognizer.model)

    def pytorch(model):
        def run(clips):
            with torch.no_grad():
                return model.cls_head(model.backbone(torch.from_numpy(clips))).numpy()

        return run

    def onnx(path):
        network = OnnxNetwork(path, args.threads)
        return lambda clips: network(clips)[0]

    networks = {'PyTorch': pytorch(recognizer.model), 'PyTorch, batch norms folded': pytorch(folded)}
    networks |= {path: onnx(path) for path in args.files}
    rows = store.split(args.split)[: args.clips]
    spent, right, apart = (dict.fromkeys(networks, 0.0) for _ in range(3))
    for first in range(0, len(rows), args.batch_size):
        chosen = rows[first : first + args.batch_size]
        clips = [recognizer.prepare(dict(store[int(row)], layout=store.layout))['inputs'] for row in chosen]
        samples, batch = len(clips[0]), torch.cat(clips).float().numpy()
        reference = None
        for name, run in networks.items():
            if first == 0:
                run(batch)  # allocates
            begin = time.perf_counter()
            logits = run(batch)
            spent[name] += time.perf_counter() - begin
            reference = logits if reference is None else reference
            apart[name] = max(apart[name], float(abs(logits - reference).max()))
            scores = torch.from_numpy(logits).softmax(1).unflatten(0, (-1, samples)).mean(1).argmax(1)
            right[name] += int(np.sum(scores.numpy() == store.labels[chosen]))
    print(f'{len(rows)} clips of {args.store}, batches of {args.batch_size}, {args.threads} threads')
    for name in networks:
        speed = spent['PyTorch'] / spent[name]
        print(
            f'{name}: Top-1 {right[name] / len(rows):.2%}, {speed:.2f} times as fast as PyTorch, '
            f'logits differ by {apart[name]:.1e} at most'
        )
    return 0


if __name__ == '__main__':
    sys.exit(main())
