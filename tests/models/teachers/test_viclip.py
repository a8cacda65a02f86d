"""ViCLIP at a tiny size against a plain transcription, with files in the form of the official ones."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from mmactrep.errors import CheckpointError
from mmactrep.models.teachers import (
    TeacherUnavailableError,
    build_text_teacher,
    build_video_teacher,
    viclip,
    viclip_towers,
)
from tests.models.teachers.plain_viclip import text_feature, video_feature

TINY = viclip.ViCLIPSize(
    *(56, 24, 2, 4, 16, 2, 12), ('ViCLIP-B_InternVid-FLT-10M',), 'https://example.org/zoo', text_layers=2
)
TEXTS = ('wave', 'A person kicks with the right leg, then walks away slowly.', 'somebody sits down ' * 20)
MEAN, DEVIATION = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
BLOCK = (
    'ln_1.weight', 'ln_1.bias', 'attn.in_proj_weight', 'attn.in_proj_bias', 'attn.out_proj.weight',
    'attn.out_proj.bias', 'ln_2.weight', 'ln_2.bias', 'mlp.c_fc.weight', 'mlp.c_fc.bias', 'mlp.c_proj.weight',
    'mlp.c_proj.bias',
)  # fmt: skip
#: As in the official release of InternVideo (Data/InternVid/viclip), for towers of one layer.
VIDEO_NAMES = {
    'class_embedding', 'positional_embedding', 'temporal_positional_embedding', 'proj', 'conv1.weight',
    'ln_pre.weight', 'ln_pre.bias', 'ln_post.weight', 'ln_post.bias',
}  # fmt: skip
TEXT_NAMES = {
    'positional_embedding', 'text_projection', 'token_embedding.weight', 'ln_final.weight', 'ln_final.bias',
}  # fmt: skip


def randomized(tower: nn.Module) -> nn.Module:
    """Weights of sizes at which every part of the tower matters."""
    for name, parameter in tower.named_parameters():
        norm_weight = 'ln_' in name and name.endswith('weight')
        nn.init.normal_(parameter, mean=float(norm_weight), std=0.3)
    return tower.eval()


def plain(tower: nn.Module) -> dict[str, np.ndarray]:
    return {name: value.double().numpy() for name, value in tower.state_dict().items()}


@pytest.fixture
def towers(monkeypatch) -> dict[str, nn.Module]:
    """Random towers of a tiny size that is b16 while the test runs, by their official names."""
    monkeypatch.setitem(viclip.SIZES, 'b16', TINY)
    torch.manual_seed(0)
    return dict(vision_encoder=randomized(TINY.video_tower()), text_encoder=randomized(TINY.text_tower()))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv('MMACTREP_WEIGHTS', str(tmp_path))
    return tmp_path


def official(towers: dict[str, nn.Module]) -> dict[str, Tensor]:
    weights = {
        f'{part}.{name}': value
        for part, tower in towers.items()
        for name, value in tower.state_dict().items()
    }
    return weights | dict(temp=torch.tensor(0.01))


@pytest.fixture
def released(towers, folder):
    """A checkpoint as its authors write it."""
    path = folder / 'ViCLIP-B_InternVid-FLT-10M.pth'
    torch.save(dict(model=official(towers), epoch=3, optimizer=dict(state={})), path)
    return path


@pytest.fixture
def tokenizer():
    pytest.importorskip('open_clip', reason='needs the packages of requirements/clip.txt')
    return viclip.clip_tokenizer('viclip-b16')


def test_video_features_are_those_of_the_transcription(towers, released, rng):
    clips = rng.integers(0, 256, (2, 8, 224, 224, 3), np.uint8)
    expected = [
        video_feature(
            ((clip / 255 - MEAN) / DEVIATION).transpose(0, 3, 1, 2), plain(towers['vision_encoder']), 2, 4
        )
        for clip in clips
    ]
    teacher = build_video_teacher('viclip-b16')
    found = teacher.encode(torch.from_numpy(clips))
    assert (teacher.name, teacher.dimension, teacher.num_frames) == ('viclip-b16', 12, 8)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-4, atol=1e-4)


def test_frames_are_resized_as_its_authors_do(towers, released, rng):
    clip = np.stack([cv2.resize(rng.integers(0, 256, (6, 8, 3), np.uint8), (320, 240)) for _ in range(8)])
    square = np.stack([cv2.resize(frame, (224, 224)) for frame in clip])
    teacher = build_video_teacher('viclip-b16')
    found, expected = (teacher.encode(torch.from_numpy(each)[None]) for each in (clip, square))
    torch.testing.assert_close(found, expected, rtol=0.01, atol=0.02)


@pytest.mark.parametrize(
    'change',
    [lambda clip: clip.flip(1), lambda clip: clip.flip(2), lambda clip: clip.roll(1, dims=1)],
    ids=['time', 'rows', 'shift'],
)
def test_order_and_place_matter(towers, released, change):
    clip = torch.randint(0, 256, (1, 8, 224, 224, 3), dtype=torch.uint8)
    teacher = build_video_teacher('viclip-b16')
    assert (teacher.encode(clip) - teacher.encode(change(clip))).abs().max() > 0.005


def test_one_frame_at_time_zero_is_clips_image_tower(rng):
    open_clip = pytest.importorskip('open_clip', reason='needs the packages of requirements/clip.txt')
    tower = randomized(viclip_towers.VideoTower(64, 16, 1, 24, 2, 4, 12))
    nn.init.zeros_(tower.temporal_positional_embedding)
    theirs = open_clip.transformer.VisionTransformer(
        64, 16, 24, 2, 4, mlp_ratio=4.0, output_dim=12, act_layer=open_clip.transformer.QuickGELU
    ).eval()
    state = tower.state_dict()
    del state['temporal_positional_embedding']
    theirs.load_state_dict(state | {'conv1.weight': state['conv1.weight'][:, :, 0]})
    image = torch.randn(3, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(tower(image[:, :, None]), theirs(image), rtol=1e-4, atol=1e-4)


def test_text_features_are_those_of_the_transcription(towers, released, tokenizer):
    weights = plain(towers['text_encoder'])
    expected = [text_feature(tokens.numpy(), weights, 2, 2) for tokens in tokenizer(list(TEXTS))]
    teacher = build_text_teacher('viclip-b16')
    assert (teacher.name, teacher.dimension) == ('viclip-b16', 12)
    np.testing.assert_allclose(teacher.encode(TEXTS).numpy(), expected, rtol=1e-4, atol=1e-4)


def test_text_tower_is_clips(towers, tokenizer):
    import open_clip

    tower = towers['text_encoder']
    theirs = open_clip.transformer.TextTransformer(
        32, 49408, 16, 2, 2, output_dim=12, act_layer=open_clip.transformer.QuickGELU
    ).eval()
    theirs.load_state_dict(tower.state_dict(), strict=False)
    tokens = tokenizer(list(TEXTS))
    with torch.no_grad():
        torch.testing.assert_close(tower(tokens), theirs(tokens), rtol=1e-4, atol=1e-4)


def test_tokens_are_clips(tokenizer):
    start, end = 49406, 49407
    tokens = tokenizer(['A photo of a cat', 'somebody sits down ' * 20])
    assert tokens.shape == (2, 32)
    assert tokens[0].tolist() == [start, 320, 1125, 539, 320, 2368, end] + [0] * 25
    assert tokens[1, 0] == start and tokens[1, -1] == end and tokens[1].min() > 0


def test_names_are_the_official_ones():
    block = {f'transformer.resblocks.0.{name}' for name in BLOCK}
    video = viclip_towers.VideoTower(224, 16, 8, 24, 1, 4, 12)
    text = viclip_towers.TextTower(49408, 32, 16, 1, 2, 12)
    assert set(video.state_dict()) == VIDEO_NAMES | block
    assert set(text.state_dict()) == TEXT_NAMES | block


@pytest.mark.parametrize(('size', 'gigabytes'), [('b16', 0.598), ('l14', 1.71)])
def test_sizes_are_those_of_the_published_files(size, gigabytes):
    with torch.device('meta'):
        towers = viclip.SIZES[size].video_tower(), viclip.SIZES[size].text_tower()
    bytes_ = sum(4 * value.numel() for tower in towers for value in tower.state_dict().values())
    assert bytes_ / 1e9 == pytest.approx(gigabytes, rel=0.003)


def test_shapes_of_l14():
    with torch.device('meta'):
        video = viclip.SIZES['l14'].video_tower().state_dict()
        text = viclip.SIZES['l14'].text_tower().state_dict()
    shapes = {
        'conv1.weight': (1024, 3, 1, 14, 14),
        'positional_embedding': (257, 1024),
        'temporal_positional_embedding': (1, 8, 1024),
        'proj': (1024, 768),
        'transformer.resblocks.23.mlp.c_fc.weight': (4096, 1024),
    }
    assert {name: tuple(video[name].shape) for name in shapes} == shapes
    shapes = {
        'token_embedding.weight': (49408, 768),
        'positional_embedding': (32, 768),
        'text_projection': (768, 768),
    }
    assert {name: tuple(text[name].shape) for name in shapes} == shapes


def test_other_weights_have_a_name_of_their_own(towers, folder, tokenizer):
    torch.save(dict(model=official(towers)), folder / 'ViCLIP-B_InternVid-200M.pth')
    teacher = build_text_teacher('viclip-b16:ViCLIP-B_InternVid-200M')
    assert teacher.name == 'viclip-b16:ViCLIP-B_InternVid-200M'
    with pytest.raises(TeacherUnavailableError, match='ViCLIP-B_InternVid-FLT-10M'):
        build_text_teacher('viclip-b16')


def test_absent_weights_are_told(folder):
    with pytest.raises(TeacherUnavailableError) as error:
        build_video_teacher('viclip-l14')
    told = (
        'ViClip-InternVid-10M-FLT.pth',
        'https://huggingface.co/OpenGVLab/ViCLIP/resolve/main/ViClip-InternVid-10M-FLT.pth',
        'checkpoints/teachers',
        str(folder),
    )
    assert all(each in str(error.value) for each in told)


def test_weights_that_do_not_fit_are_told(towers, released):
    weights = official(towers)
    weights['vision_encoder.proj'] = torch.zeros(24, 13)
    torch.save(dict(model=weights), released)
    with pytest.raises(CheckpointError, match=r'does not fit the vision_encoder of ViCLIP b16: .*proj'):
        build_video_teacher('viclip-b16')
    del weights['vision_encoder.proj']
    torch.save(dict(model=weights), released)
    with pytest.raises(CheckpointError, match=r'Missing key.*"proj"'):
        build_video_teacher('viclip-b16')


def test_weights_of_something_else_are_told(towers, released):
    torch.save(dict(model=dict(weight=torch.zeros(3))), released)
    with pytest.raises(CheckpointError, match=r'found none that begin with vision_encoder\.'):
        build_video_teacher('viclip-b16')


class Evil:
    """Unpickles to what a function makes of its arguments."""

    def __reduce__(self):
        return print, ('code was run',)


def test_a_file_that_would_run_code_is_refused(towers, released, capsys):
    torch.save(dict(model=official(towers), config=Evil()), released)
    with pytest.raises(CheckpointError, match='could run code'):
        build_video_teacher('viclip-b16')
    assert 'code was run' not in capsys.readouterr().out
