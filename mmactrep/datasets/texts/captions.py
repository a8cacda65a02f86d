"""Captions of clips: a JSON file of sentences by the clips' names."""

from __future__ import annotations

import os

from mmactrep.errors import UserError
from mmactrep.files import read_json, shown
from mmactrep.structures.class_texts import words_of


class CaptionError(UserError, ValueError):
    """Captions that cannot be read, or that speak of no clip of a store; the message says which."""


def read_captions(path: str | os.PathLike) -> dict[str, list[str]]:
    """The sentences about each clip.

    Args:
        path: JSON file of an object: name of a clip to a sentence or a list of them.

    Raises:
        BadFileError: If the file is not JSON.
        CaptionError: If it is no such object, or a sentence is empty.
    """
    content = read_json(path)
    if not isinstance(content, dict):
        raise CaptionError(f'{path}: expected an object of clip ids and sentences, found {shown(content)}')
    for clip_id, found in content.items():
        sentences = [found] if isinstance(found, str) else found
        if not isinstance(sentences, list) or not sentences:
            raise CaptionError(
                f"{path}: clip '{clip_id:.80}': expected a sentence or a list of them, found {shown(found)}"
            )
        for sentence in sentences:
            if not isinstance(sentence, str) or not words_of(sentence):
                raise CaptionError(
                    f"{path}: clip '{clip_id:.80}': expected a sentence, found {shown(sentence)}"
                )
        content[clip_id] = sentences
    return content
