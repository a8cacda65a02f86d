"""ViCLIP once more, from its description and with numpy alone: the oracle of the tests."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

Weights = Mapping[str, np.ndarray]


def norm(x: np.ndarray, weights: Weights, name: str) -> np.ndarray:
    centered = x - x.mean(-1, keepdims=True)
    scaled = centered / np.sqrt((centered**2).mean(-1, keepdims=True) + 1e-5)
    return scaled * weights[f'{name}.weight'] + weights[f'{name}.bias']


def linear(x: np.ndarray, weights: Weights, name: str) -> np.ndarray:
    return x @ weights[f'{name}.weight'].T + weights[f'{name}.bias']


def attend(x: np.ndarray, weights: Weights, name: str, heads: int, causal: bool) -> np.ndarray:
    """Token after token, head after head."""
    length, width = x.shape
    part = width // heads
    joined = x @ weights[f'{name}.in_proj_weight'].T + weights[f'{name}.in_proj_bias']
    query, key, value = joined[:, :width], joined[:, width : 2 * width], joined[:, 2 * width :]
    out = np.zeros_like(x)
    for head in range(heads):
        own = slice(head * part, (head + 1) * part)
        for i in range(length):
            seen = i + 1 if causal else length
            scores = key[:seen, own] @ query[i, own] / np.sqrt(part)
            shares = np.exp(scores - scores.max())
            out[i, own] = shares / shares.sum() @ value[:seen, own]
    return linear(out, weights, f'{name}.out_proj')


def transform(x: np.ndarray, weights: Weights, layers: int, heads: int, causal: bool) -> np.ndarray:
    for i in range(layers):
        block = f'transformer.resblocks.{i}'
        x = x + attend(norm(x, weights, f'{block}.ln_1'), weights, f'{block}.attn', heads, causal)
        hidden = linear(norm(x, weights, f'{block}.ln_2'), weights, f'{block}.mlp.c_fc')
        x = x + linear(hidden / (1 + np.exp(-1.702 * hidden)), weights, f'{block}.mlp.c_proj')
    return x


def video_feature(clip: np.ndarray, weights: Weights, layers: int, heads: int) -> np.ndarray:
    """Feature (D,) of a clip (T, 3, size, size) of normalized frames."""
    kernel = weights['conv1.weight'][:, :, 0]
    patch = kernel.shape[-1]
    places, times = weights['positional_embedding'], weights['temporal_positional_embedding'][0]
    tokens = [weights['class_embedding'] + places[0]]
    for time, frame in enumerate(clip):
        place = 1
        for top in range(0, frame.shape[1], patch):
            for left in range(0, frame.shape[2], patch):
                pixels = frame[:, top : top + patch, left : left + patch]
                tokens.append((kernel * pixels).sum((1, 2, 3)) + places[place] + times[time])
                place += 1
    x = transform(norm(np.stack(tokens), weights, 'ln_pre'), weights, layers, heads, causal=False)
    return norm(x[0], weights, 'ln_post') @ weights['proj']


def text_feature(tokens: np.ndarray, weights: Weights, layers: int, heads: int) -> np.ndarray:
    """Feature (D,) of all tokens (L,) of a text, padding included."""
    x = weights['token_embedding.weight'][tokens] + weights['positional_embedding']
    x = norm(transform(x, weights, layers, heads, causal=True), weights, 'ln_final')
    return x[tokens.argmax()] @ weights['text_projection']
