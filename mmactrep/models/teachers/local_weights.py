"""Teachers' weights that are on this machine: in the folders for weights, or in Hugging Face's cache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import Tensor

from mmactrep.engine.checkpoints import check_weights, read_torch_file
from mmactrep.engine.weights_folders import find_weights, how_to_get
from mmactrep.errors import CheckpointError

KIND = 'teachers'
#: Keys of state dictionaries in checkpoints: of many trainings, of ViCLIP's.
STATE_KEYS = ('state_dict', 'model')


def find_local_weights(
    files: Sequence[str], hub: str | None = None, hub_files: Sequence[str] = ()
) -> Path | None:
    """The first weights that exist.

    Args:
        files: Names of files in the folders of :func:`weights_folders`.
        hub: Repository whose part of Hugging Face's cache is searched then.
        hub_files: Names of files in it.
    """
    path = find_weights(files, KIND)
    if path is not None or not hub:
        return path
    from huggingface_hub import try_to_load_from_cache

    found = (try_to_load_from_cache(hub.rstrip('/'), name) for name in hub_files)
    return next((Path(each) for each in found if isinstance(each, str)), None)


def explain(name: str, address: str) -> str:
    """What a message says about absent weights."""
    return how_to_get(name, address, KIND)


def read_state(path: Path) -> Mapping[str, Tensor]:
    """Weights by name from a file of safetensors, or of ``torch.save``, there maybe under a key.

    Raises:
        CheckpointError: If the file is damaged, foreign, or holds more than weights.
    """
    if path.suffix == '.safetensors':
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            return load_file(path)
        except SafetensorError as error:
            raise CheckpointError(f'{path}: cannot be read as weights: {error}') from error
    content = read_torch_file(path)
    for key in STATE_KEYS:
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
    if not isinstance(content, Mapping):
        raise CheckpointError(f'{path}: expected weights by name, found {type(content).__name__}')
    check_weights(content, path)
    return content
