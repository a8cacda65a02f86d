"""Models of open_clip with random weights of a tiny size, against what open_clip itself makes of them."""

from __future__ import annotations

import json

import pytest
import torch
from PIL import Image

from mmactrep.errors import CheckpointError
from mmactrep.models.teachers import (
    TeacherUnavailableError,
    UnknownTeacherError,
    build_text_teacher,
    build_video_teacher,
)

open_clip = pytest.importorskip('open_clip', reason='needs the packages of requirements/clip.txt')

SETTINGS = dict(
    embed_dim=12,
    vision_cfg=dict(image_size=32, layers=2, width=32, head_width=16, patch_size=16),
    text_cfg=dict(context_length=77, vocab_size=49408, width=16, heads=2, layers=2),
)
TEXTS = ['wave', 'A person kicks with the right leg, then walks away slowly.']


@pytest.fixture(scope='module', autouse=True)
def tiny(tmp_path_factory):
    """A model that open_clip knows as ``teacher-tiny``."""
    path = tmp_path_factory.mktemp('configs') / 'teacher-tiny.json'
    path.write_text(json.dumps(SETTINGS))
    open_clip.add_model_config(path)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv('MMACTREP_WEIGHTS', str(tmp_path))
    monkeypatch.setattr('huggingface_hub.constants.HF_HUB_CACHE', str(tmp_path / 'cache'))
    monkeypatch.setattr('socket.socket.connect', lambda *args: pytest.fail('connects'))
    return tmp_path


@pytest.fixture
def model(folder):
    model = open_clip.create_model('teacher-tiny')
    torch.save(model.state_dict(), folder / 'teacher-tiny_own.pt')
    return model.eval()


@pytest.mark.parametrize('name', ['open_clip:teacher-tiny/own', 'open_clip:teacher-tiny'])
def test_text_features_are_open_clips(model, name):
    teacher = build_text_teacher(name)
    with torch.no_grad():
        expected = model.encode_text(open_clip.get_tokenizer('teacher-tiny')(TEXTS))
    torch.testing.assert_close(teacher.encode(TEXTS), expected, rtol=1e-4, atol=1e-5)
    assert (teacher.name, teacher.dimension) == ('open_clip:teacher-tiny/own', 12)


def test_video_features_are_the_mean_of_open_clips(model):
    clips = torch.randint(0, 256, (3, 8, 32, 32, 3), dtype=torch.uint8)
    prepare = open_clip.image_transform(32, is_train=False)
    frames = torch.stack([prepare(Image.fromarray(frame.numpy())) for frame in clips.flatten(0, 1)])
    with torch.no_grad():
        expected = model.encode_image(frames).unflatten(0, (3, 8)).mean(1)
    teacher = build_video_teacher('open_clip:teacher-tiny')
    torch.testing.assert_close(teacher.encode(clips), expected, rtol=1e-4, atol=1e-5)
    assert (teacher.name, teacher.dimension) == ('open_clip:teacher-tiny/own', 12)


def test_what_is_published_about_weights_is_kept_to(model, monkeypatch, folder):
    """Weights trained with QuickGELU and other colors."""
    published = dict(hf_hub='somebody/tiny/', mean=(0.5,) * 3, std=(0.25,) * 3, quick_gelu=True)
    monkeypatch.setitem(open_clip.pretrained._PRETRAINED, 'teacher-tiny', dict(own=published))
    clips = torch.randint(0, 256, (1, 8, 32, 32, 3), dtype=torch.uint8)
    quick = open_clip.create_model('teacher-tiny', force_quick_gelu=True).eval()
    quick.load_state_dict(model.state_dict())
    with torch.no_grad():
        frames = (clips[0].permute(0, 3, 1, 2) / 255 - 0.5) / 0.25
        expected = quick.encode_image(frames).mean(0, keepdim=True)
        text = quick.encode_text(open_clip.get_tokenizer('teacher-tiny')(TEXTS))
    found = build_video_teacher('open_clip:teacher-tiny/own').encode(clips)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(build_text_teacher('open_clip:teacher-tiny').encode(TEXTS), text)
    assert build_text_teacher('open_clip:teacher-tiny/OWN').name == 'open_clip:teacher-tiny/own'


def test_several_weights_want_a_name(model, folder):
    torch.save(model.state_dict(), folder / 'teacher-tiny_other.pt')
    with pytest.raises(UnknownTeacherError, match='open_clip:teacher-tiny/other, open_clip:teacher-tiny/own'):
        build_text_teacher('open_clip:teacher-tiny')
    assert build_text_teacher('open_clip:teacher-tiny/other').name.endswith('/other')


def test_absent_weights_are_told_and_nothing_is_downloaded(folder):
    with pytest.raises(TeacherUnavailableError) as error:
        build_text_teacher('open_clip:ViT-B-32/laion2b_s34b_b79k')
    told = 'ViT-B-32_laion2b_s34b_b79k.safetensors', 'laion/CLIP-ViT-B-32-laion2B-s34B-b79K', str(folder)
    assert all(each in str(error.value) for each in told)
    with pytest.raises(TeacherUnavailableError, match='trainings of it are openai, laion400m_e31'):
        build_video_teacher('open_clip:ViT-B-32')


@pytest.mark.parametrize(
    ('build', 'name', 'told'),
    [
        (build_text_teacher, 'open_clip:ViT-B-33', "no model 'ViT-B-33'; it has ViT-B-16"),
        (build_text_teacher, 'open_clip', 'as open_clip:MODEL/TAG'),
        (build_text_teacher, 'open_clip:ViT-B-16-SigLIP', "its tokens are not CLIP's"),
        (build_video_teacher, 'open_clip:xlm-roberta-base-ViT-B-32', 'transformers would download'),
    ],
)
def test_other_models_are_told(folder, build, name, told):
    with pytest.raises(UnknownTeacherError, match=told):
        build(name)


@pytest.mark.parametrize('content', [dict(weight=torch.zeros(3)), None], ids=['other', 'damaged'])
def test_weights_of_something_else_are_refused(folder, content):
    path = folder / 'teacher-tiny_own.pt'
    if content is None:
        path.write_bytes(b'no weights')
    else:
        torch.save(content, path)
    with pytest.raises(CheckpointError, match=r'teacher-tiny_own\.pt: expected weights of teacher-tiny'):
        build_video_teacher('open_clip:teacher-tiny')
