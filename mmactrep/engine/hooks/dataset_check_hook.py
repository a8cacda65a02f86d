"""Check that data, model and checkpoint fit together before the first step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.model import is_model_wrapper

from mmactrep.datasets.transforms import MapLayout
from mmactrep.engine.text_recognizers import mapped_layout
from mmactrep.engine.trained_on import INFERENCE, compare_classes, trained_classes, trained_layout
from mmactrep.errors import CheckpointError, UserError
from mmactrep.registry import HOOKS

from .sample_seed_hook import unwrap_datasets


class DatasetMismatchError(UserError, ValueError):
    """Data on which the model cannot be trained or tested."""


@HOOKS.register_module()
class DatasetCheckHook(Hook):
    """Refuses data that do not fit the head, or a checkpoint that was trained on something else.

    Before any step it refuses more classes than the head has outputs, other classes in validation than in
    training, and clips without a label. If a checkpoint is tested or resumed, it refuses other classes, the
    same ones in another order, or another stream. Another joint layout is mapped for testing, as the
    inferencer does, and refused if it cannot be.
    """

    def before_train(self, runner) -> None:
        """Check the data of training and validation."""
        self._check(runner, runner.train_dataloader)
        if runner.val_loop is not None:
            self._check(runner, runner.val_dataloader)
            if _num_outputs(runner) is not None:
                check_alike(runner.train_dataloader.dataset, runner.val_dataloader.dataset)

    def before_test(self, runner) -> None:
        """Check the test data."""
        self._check(runner, runner.test_dataloader)

    def after_load_checkpoint(self, runner, checkpoint: dict) -> None:
        """Compare what the checkpoint was trained on with the data at hand."""
        phase = getattr(runner, 'phase', None)
        loader = dict(
            test=lambda: runner.test_dataloader,
            val=lambda: runner.val_dataloader,
            resume=lambda: runner.train_dataloader,
        ).get(phase)
        if loader is None:
            return
        meta, path = checkpoint.get('meta') or {}, runner.loaded_path
        for dataset in unwrap_datasets(loader().dataset):
            if _num_outputs(runner) is not None:
                check_same_classes(dataset, trained_classes(meta), path)
            check_same_stream(dataset, meta, path)
            match_layout(dataset, meta, path, may_map=phase != 'resume')

    def _check(self, runner, dataloader) -> None:
        outputs = _num_outputs(runner)
        if outputs is None:
            return
        for dataset in unwrap_datasets(dataloader.dataset):
            classes = getattr(dataset, 'metainfo', {}).get('classes')
            if classes is not None and len(classes) > outputs:
                raise DatasetMismatchError(
                    f'{dataset.ann_file} has {len(classes)} classes, but the head of the model has '
                    f'num_classes={outputs}'
                )
            check_labels(dataset)


def _num_outputs(runner) -> int | None:
    model = runner.model.module if is_model_wrapper(runner.model) else runner.model
    return getattr(getattr(model, 'cls_head', None), 'num_classes', None)


def check_labels(dataset) -> None:
    """Refuse clips without a label in the data set of a classifier.

    Raises:
        DatasetMismatchError: With the first such clip, their number, and what to do.
    """
    labels = getattr(dataset, 'labels', None)
    if not isinstance(labels, np.ndarray) or not (labels < 0).any():
        return
    missing = np.flatnonzero(labels < 0)
    clip = dataset.get_data_info(int(missing[0])).get('frame_dir', int(missing[0]))
    split = getattr(dataset, 'split', None)
    raise DatasetMismatchError(
        f"{dataset.ann_file}: clip '{clip}' of split {split!r} has no label ({int(labels[missing[0]])}), as "
        f'{len(missing)} of {len(labels)} clips: a classifier needs one for every clip; give the clips '
        'labels, or write a split without them'
    )


def check_alike(train, validation) -> None:
    """Refuse validation data whose classes are not those of training, number by number.

    Lists of videos with labels in words, and no list of classes beside them, are numbered each on its own.

    Raises:
        DatasetMismatchError: With the first difference.
    """
    trained = next(filter(None, map(_classes, unwrap_datasets(train))), [])
    for dataset in unwrap_datasets(validation):
        found = _classes(dataset)
        difference = compare_classes(trained, found) if trained and found else None
        if difference:
            raise DatasetMismatchError(
                f'{dataset.ann_file}: not the classes of the training data: {difference}. Give both the same '
                "list 'classes'"
            )


def _classes(dataset) -> list[str]:
    return list((getattr(dataset, 'metainfo', None) or {}).get('classes') or [])


def check_same_classes(dataset, trained: list[str], path: object) -> None:
    """Refuse data whose classes are not those of the checkpoint, number by number.

    Raises:
        CheckpointError: With the first difference.
    """
    found = _classes(dataset)
    if not trained or not found:
        return
    difference = compare_classes(trained, found)
    if difference:
        raise CheckpointError(
            f'{path} was not trained on the classes of {dataset.ann_file}: {difference}. The data set '
            'takes a list '
            "'classes' that chooses and orders them as the checkpoint has them"
        )


def check_same_stream(dataset, meta: dict, path: object) -> None:
    """Refuse any stream but the one that the checkpoint was trained on, for example joints instead of bones.

    Raises:
        CheckpointError: With both streams.
    """
    trained = meta.get(INFERENCE)
    for key in ('test_dataloader', 'dataset'):
        trained = trained.get(key) if isinstance(trained, dict) else None
    found = getattr(dataset, 'stream', None)
    if not isinstance(trained, dict) or found is None or trained.get('stream', 'joint') == found:
        return
    raise CheckpointError(
        f'{path} was trained on the stream {trained.get("stream", "joint")!r:.40}, the config reads '
        f"'{found}' from {dataset.ann_file}: --with chooses the stream (bone, joint-motion, bone-motion; "
        'joints without)'
    )


def match_layout(dataset, meta: dict, path: object, may_map: bool) -> None:
    """Map the joints of a data set to those that a checkpoint was trained on, if they differ.

    Raises:
        CheckpointError: If they cannot be mapped, or ``may_map`` is False.
    """
    trained = trained_layout(meta, path)
    store = getattr(dataset, 'store', None)
    layout = getattr(store, 'layout', None)
    if trained is None or layout is None or trained == layout:
        return
    if not may_map and trained == mapped_layout(dataset):
        return  # one of several data sets that a training maps to one layout
    said = f"{path} was trained on layout '{trained.name}', {dataset.ann_file} has '{layout.name}'"
    differ = list(_differences(trained.joints, layout.joints))
    if trained.name == layout.name and differ:
        said += f' with other joints (the first: {differ[0]})'
    if not may_map:
        raise CheckpointError(f'{said}: a training resumes with the joints that it began with')
    try:
        layout.mapping_to(trained)
    except ValueError as error:
        raise CheckpointError(f'{said}: {error}') from error
    dataset.pipeline.transforms.insert(0, MapLayout(trained))
    print_log(f'{said}: the joints are mapped', logger='current', level=30)


def _differences(trained: tuple[str, ...], found: tuple[str, ...]) -> Iterator[str]:
    for i in range(max(len(trained), len(found))):
        pair = [names[i] if i < len(names) else 'none' for names in (trained, found)]
        if pair[0] != pair[1]:
            yield f"joint {i}: '{pair[0]}' and '{pair[1]}'"
