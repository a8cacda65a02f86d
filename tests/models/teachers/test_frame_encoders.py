"""Image encoders frame by frame: EfficientNet-Lite0 with its real weights, timm's models with random ones."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from PIL import Image

from mmactrep.errors import CheckpointError
from mmactrep.models.teachers import TeacherUnavailableError, UnknownTeacherError, build_video_teacher


@pytest.fixture(scope='module')
def lite0():
    pytest.importorskip('efficientnet_lite_pytorch', reason='needs the packages of requirements/visual.txt')
    return build_video_teacher('efficientnet-lite0')


@pytest.fixture
def timm():
    return pytest.importorskip('timm', reason='needs the packages of requirements/clip.txt')


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder for weights, and no cache of Hugging Face."""
    monkeypatch.setenv('MMACTREP_WEIGHTS', str(tmp_path))
    pytest.importorskip('huggingface_hub')
    monkeypatch.setattr('huggingface_hub.constants.HF_HUB_CACHE', str(tmp_path / 'cache'))
    return tmp_path


def random_clips(*shape: int) -> torch.Tensor:
    return torch.randint(0, 256, (*shape, 3), dtype=torch.uint8)


def test_efficientnet_is_the_one_that_timm_knows(lite0, timm):
    """The package's weights, put in order into timm's network of the same name."""
    network = timm.create_model('tf_efficientnet_lite0', num_classes=1000).eval()
    own, state = lite0._network.state_dict(), network.state_dict()
    assert [value.shape for value in own.values()] == [value.shape for value in state.values()]
    network.load_state_dict(dict(zip(state, own.values())))
    clips = random_clips(2, 8, 224, 224)
    pixels = (clips.flatten(0, 1).permute(0, 3, 1, 2).float() - 127) / 128
    with torch.no_grad():
        expected = network.forward_features(pixels).mean((2, 3)).unflatten(0, (2, 8)).mean(1)
    torch.testing.assert_close(lite0.encode(clips), expected, atol=2e-4, rtol=1e-3)


def test_a_clip_is_the_mean_of_its_frames(lite0):
    clips = random_clips(1, 8, 60, 90)
    single = build_video_teacher(dict(type='efficientnet-lite0', num_frames=1))
    frames = single.encode(clips[0][:, None])
    torch.testing.assert_close(lite0.encode(clips)[0], frames.mean(0), atol=1e-4, rtol=1e-4)
    assert frames.shape == (8, lite0.dimension) == (8, 1280)


def test_features_depend_on_nothing_but_the_clip(lite0):
    clips = random_clips(3, 8, 32, 32)
    features = lite0.encode(clips)
    assert torch.equal(features, lite0.encode(clips))
    torch.testing.assert_close(features[2], lite0.encode(clips[2:])[0], atol=1e-4, rtol=1e-4)


def test_it_sees_what_is_in_a_video(lite0, shared_data):
    """Frames of one video are nearer to each other than to those of another."""
    from mmactrep.video.frames import VideoFrames

    single = build_video_teacher(dict(type='efficientnet-lite0', num_frames=1))
    features = []
    for name in ('kinetics_arm_wrestling.mp4', 'ntu_sample.mp4'):
        frames = np.stack(list(itertools.islice(VideoFrames(shared_data / 'videos' / name), 0, 17, 8)))
        features.append(single.encode(torch.from_numpy(frames)[:, None]))
    unit = torch.nn.functional.normalize(torch.cat(features), dim=-1)
    cosines = unit @ unit.T
    assert min(cosines[:3, :3].min(), cosines[3:, 3:].min()) > cosines[:3, 3:].max()


def test_a_model_of_timm_is_used_as_timm_does(timm, folder):
    model = timm.create_model('test_resnet', pretrained=False).eval()
    torch.save(model.state_dict(), folder / 'test_resnet.r160_in1k.pth')
    teacher = build_video_teacher(dict(type='timm:test_resnet', num_frames=2))
    assert teacher.name == 'timm:test_resnet.r160_in1k'
    clips = random_clips(3, 2, 160, 160)
    model.reset_classifier(0)
    config = timm.data.resolve_model_data_config(model) | dict(crop_pct=1.0)
    transform = timm.data.create_transform(**config)
    frames = torch.stack([transform(Image.fromarray(frame.numpy())) for frame in clips.flatten(0, 1)])
    with torch.no_grad():
        expected = model(frames).unflatten(0, (3, 2)).mean(1)
    torch.testing.assert_close(teacher.encode(clips), expected, atol=1e-4, rtol=1e-4)
    assert build_video_teacher(teacher.name).name == teacher.name


def test_weights_in_hugging_faces_cache_are_found(timm, folder, monkeypatch):
    from safetensors.torch import save_file

    path = folder / 'model.safetensors'
    save_file(timm.create_model('test_resnet', pretrained=False).state_dict(), path)
    asked = []

    def cached(repository: str, file: str) -> str | None:
        asked.append((repository, file))
        return str(path)

    monkeypatch.setattr('huggingface_hub.try_to_load_from_cache', cached)
    assert build_video_teacher('timm:test_resnet').dimension > 0
    assert asked == [('timm/test_resnet.r160_in1k', 'model.safetensors')]


def test_absent_weights_are_told_and_nothing_is_downloaded(timm, folder, monkeypatch):
    monkeypatch.setattr('socket.socket.connect', lambda *args: pytest.fail('connects'))
    with pytest.raises(TeacherUnavailableError) as error:
        build_video_teacher('timm:resnet18')
    told = 'resnet18.a1_in1k.safetensors', 'https://huggingface.co/timm/resnet18.a1_in1k', str(folder)
    assert all(each in str(error.value) for each in told)


def test_other_names_are_told(timm, folder):
    with pytest.raises(UnknownTeacherError, match=r"no published weights 'resnet188'; near are resnet18\."):
        build_video_teacher('timm:resnet188')
    with pytest.raises(UnknownTeacherError, match='expected the video teacher as timm:NAME'):
        build_video_teacher('timm')


@pytest.mark.parametrize('content', [dict(weight=torch.zeros(3)), [1, 2], None])
def test_weights_of_something_else_are_refused(timm, folder, content):
    path = folder / 'test_resnet.r160_in1k.pth'
    if content is None:
        path.write_bytes(b'no weights')
    else:
        torch.save(content, path)
    with pytest.raises(CheckpointError, match=r'test_resnet\.r160_in1k\.pth'):
        build_video_teacher('timm:test_resnet')
