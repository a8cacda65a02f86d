"""The folder of a recognizer: checkpoint, config, layout, classes, and how it was taught."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mmactrep.apis.model_config import MODEL_FILE
from mmactrep.apis.recognizer import TOGETHER
from mmactrep.engine.checkpoints import read_checkpoint, write_checkpoint
from mmactrep.engine.trained_on import INFERENCE, LAYOUT
from mmactrep.structures import SkeletonLayout
from mmactrep.structures.rejection import REJECTION, Rejection

#: What is kept of the checkpoint of a training.
_KEPT = ('dataset_meta', 'epoch', 'seed', LAYOUT, INFERENCE)


def write_model_folder(
    folder: Path,
    checkpoint: Path,
    config: Path,
    layout: SkeletonLayout,
    classes: Sequence[str],
    rejection: Rejection | None,
    together: bool,
    facts: Mapping[str, Any],
) -> None:
    """Write the folder; a kill leaves the one that is there.

    Args:
        folder: The folder.
        checkpoint: Of the training.
        config: Of the training.
        layout: Layout of the joints.
        classes: Class names.
        rejection: When a motion is none of the classes.
        together: Whether the persons of a video are one sample.
        facts: Further facts for ``model.json``.
    """
    partial = folder.with_name(f'{folder.name}.partial')
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    found = read_checkpoint(checkpoint)
    meta = {key: found['meta'][key] for key in _KEPT if key in found['meta']}
    meta[TOGETHER] = together
    if rejection is not None:
        meta[REJECTION] = rejection.to_dict()
    write_checkpoint(dict(state_dict=found['state_dict'], meta=meta), partial / MODEL_FILE)
    shutil.copyfile(config, partial / 'config.py')
    (partial / 'layout.json').write_text(json.dumps(layout.to_dict(), indent=1), encoding='utf-8')
    (partial / 'classes.txt').write_text('\n'.join(classes) + '\n', encoding='utf-8')
    told = dict(facts, classes=list(classes), layout=layout.name, persons_together=together)
    if rejection is not None:
        told['rejection'] = dict(
            kind=rejection.kind, threshold=rejection.threshold, temperature=rejection.temperature,
            verdict=rejection.verdict(len(classes)), **rejection.figures,
        )  # fmt: skip
    (partial / 'model.json').write_text(json.dumps(told, indent=1), encoding='utf-8')
    old = folder.with_name(f'{folder.name}.old')
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    partial.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
