"""Lists of videos and labels of every data set, from small files in the true formats."""

from __future__ import annotations

import re

import numpy as np
import pytest

from mmactrep.datasets.protocols import protocol_classes
from mmactrep.datasets.video.annotations import (
    cli,
    folder,
    hmdb51,
    kinetics,
    smarthome,
    ucf101,
    ut_interaction,
    utd_mhad,
)
from mmactrep.datasets.video.annotations.annotation import AnnotationError, VideoFolder, write_annotation
from mmactrep.datasets.video.annotations.annotator import DATASETS, load_annotator
from mmactrep.datasets.video.dataset import VideoClipDataset
from tests.helpers.video_sets import moving_square
from tests.helpers.videos import make_video


def files(root, *paths):
    """Files that are named like videos; the lists depend on the names alone."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b'')
    return VideoFolder(root)


def written(annotation, root, tmp_path, **kwargs):
    """The report, and the content of every file."""
    report = write_annotation(annotation, root, tmp_path / 'out', progress=False, **kwargs)
    out = tmp_path / 'out'
    return report, {path.relative_to(out).as_posix(): path.read_text() for path in out.rglob('*.txt')}


def test_kinetics(tmp_path):
    (tmp_path / 'train.csv').write_text(
        'label,youtube_id,time_start,time_end,split\n'
        'testifying,---QUuC4vJs,84,94,train\n'
        'eating spaghetti,--3ouPhoy2A,20,30,train\n'
        '"arm wrestling",_gone,1,11,train\n'
    )
    # an edition with more columns, and times with fractions
    (tmp_path / 'validate.csv').write_text(
        'label,youtube_id,time_start,time_end,split,is_cc\n'
        'testifying,3EAbGTSmS4o,5.0,15.0,validate,0\n'
        'arm wrestling,_q_xJK8ZTYQ,3,13,validate,1\n'
    )
    (tmp_path / 'test.csv').write_text('label,youtube_id,time_start,time_end,split\n,abcdefghijk,0,10,test\n')
    root = tmp_path / 'videos'
    videos = files(
        root,
        'train/testifying/---QUuC4vJs_000084_000094.mp4',
        'train/eating spaghetti/--3ouPhoy2A_000020_000030.mp4',
        'val/3EAbGTSmS4o_000005_000015.mkv',
        'val/_q_xJK8ZTYQ.mp4',
    )
    annotation = kinetics.annotate(
        videos, [tmp_path / f'{name}.csv' for name in ('train', 'validate', 'test')]
    )
    report, content = written(annotation, root, tmp_path)
    assert content['classes.txt'] == 'arm wrestling\neating spaghetti\ntestifying\n'
    assert content['train.txt'] == (
        'train/testifying/---QUuC4vJs_000084_000094.mp4 2\n'
        'train/eating spaghetti/--3ouPhoy2A_000020_000030.mp4 1\n'
    )
    assert content['val.txt'] == 'val/3EAbGTSmS4o_000005_000015.mkv 2\nval/_q_xJK8ZTYQ.mp4 0\n'
    assert content['absent.txt'] == 'train\t_gone_000001_000011\n' and report.absent == 1
    assert annotation.notes == ['1 rows have no label and are left out']
    # what is written is what training reads
    dataset = VideoClipDataset(str(tmp_path / 'out/train.txt'), [])
    assert dataset.labels.tolist() == [2, 1]
    assert dataset.get_data_info(1)['frame_dir'] == 'train/eating spaghetti/--3ouPhoy2A_000020_000030'


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('label,youtube_id,time_start\n', 'it lacks time_end, split'),
        ('label,youtube_id,time_start,time_end,split\na,b\n', ':2: expected 5 fields'),
        ('label,youtube_id,time_start,time_end,split\na,b,0,1,holdout\n', "unknown split 'holdout'"),
        ('label,youtube_id,time_start,time_end,split\n"a,b,0,1,train\n', 'expected quotes in pairs'),
    ],
)
def test_a_bad_csv_file(tmp_path, content, message):
    (tmp_path / 'x.csv').write_text(content)
    with pytest.raises(AnnotationError, match=message):
        kinetics.annotate(files(tmp_path / 'videos', 'b.mp4'), [tmp_path / 'x.csv'])


def ucf_lists(root):
    root.mkdir()
    (root / 'classInd.txt').write_text('1 ApplyEyeMakeup\r\n2 HandstandPushups\r\n')
    for number in (1, 2, 3):
        (root / f'trainlist0{number}.txt').write_text(
            'ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi 1\n'
            'HandstandPushups/v_HandStandPushups_g09_c02.avi 2\n'
        )
        (root / f'testlist0{number}.txt').write_text(
            'HandstandPushups/v_HandStandPushups_g01_c01.avi\n'
            f'ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c0{number}.avi\n'
        )
    return root


def test_ucf101(tmp_path):
    lists, root = ucf_lists(tmp_path / 'ucfTrainTestlist'), tmp_path / 'UCF-101'
    videos = files(
        root,
        'ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi',
        'ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c01.avi',
        'ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c02.avi',
        'HandstandPushups/v_HandStandPushups_g01_c01.mp4',  # encoded anew
        'v_HandStandPushups_g09_c02.avi',  # not in a folder of its class
    )
    report, content = written(ucf101.annotate(videos, lists), root, tmp_path)
    assert sorted(content) == [
        'absent.txt', 'classes.txt', 'test1.txt', 'test2.txt', 'test3.txt', 'train1.txt', 'train2.txt',
        'train3.txt',
    ]  # fmt: skip
    assert content['classes.txt'] == 'ApplyEyeMakeup\nHandstandPushups\n'
    assert content['train1.txt'] == (
        'ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi 0\nv_HandStandPushups_g09_c02.avi 1\n'
    )
    assert content['test2.txt'] == (
        'HandstandPushups/v_HandStandPushups_g01_c01.mp4 1\nApplyEyeMakeup/v_ApplyEyeMakeup_g01_c02.avi 0\n'
    )
    assert content['absent.txt'] == 'test3\tApplyEyeMakeup/v_ApplyEyeMakeup_g01_c03.avi\n'
    assert report.absent == 1


@pytest.mark.parametrize(
    ('name', 'content', 'message'),
    [
        ('classInd.txt', '1 A\n3 B\n', 'numbers 1 to 2 in order'),
        ('classInd.txt', 'A\n', "lines 'number class'"),
        ('trainlist01.txt', 'v_A_g08_c01.avi 1\n', r'trainlist01\.txt:1: expected'),
        ('trainlist01.txt', 'Jump/v_Jump_g08_c01.avi 1\n', 'unknown classes'),
    ],
)
def test_bad_lists_of_ucf101(tmp_path, name, content, message):
    lists = ucf_lists(tmp_path / 'lists')
    (lists / name).write_text(content)
    paths = ('Jump/v_Jump_g08_c01.avi', 'x/v_ApplyEyeMakeup_g08_c01.avi')
    with pytest.raises(AnnotationError, match=message):
        written(ucf101.annotate(files(tmp_path / 'v', *paths), lists), tmp_path / 'v', tmp_path)


def test_hmdb51(tmp_path):
    lists, root = tmp_path / 'testTrainMulti_7030_splits', tmp_path / 'hmdb51'
    lists.mkdir()
    odd = 'Prelinger_HabitPat1954_brush_hair_h_nm_np1_fr_med_26.avi'
    hash_name = '#20_Rhythm_clap_u_nm_np1_fr_goo_0.avi'
    for number, (one, two) in enumerate([(1, 2), (2, 1), (1, 0)], 1):
        (lists / f'brush_hair_test_split{number}.txt').write_text(
            f'April_09_brush_hair_u_nm_np1_ba_goo_0.avi {one} \n{odd} {two} \n'
        )
        (lists / f'clap_test_split{number}.txt').write_text(f'{hash_name} {one} \na_clap_b.avi 2 \n')
    videos = files(
        root,
        'brush_hair/April_09_brush_hair_u_nm_np1_ba_goo_0.avi',
        f'brush_hair/{odd}',
        f'clap/{hash_name}',
        'clap/a_clap_b.avi',
    )
    report, content = written(hmdb51.annotate(videos, lists), root, tmp_path)
    assert content['classes.txt'] == 'brush_hair\nclap\n' and report.absent == 0
    assert 'absent.txt' not in content
    assert content['train1.txt'] == (
        f'brush_hair/April_09_brush_hair_u_nm_np1_ba_goo_0.avi 0\nclap/{hash_name} 1\n'
    )
    assert content['test1.txt'] == f'brush_hair/{odd} 0\nclap/a_clap_b.avi 1\n'
    assert content['train2.txt'] == f'brush_hair/{odd} 0\n'
    assert content['test3.txt'] == 'clap/a_clap_b.avi 1\n'  # 0 is in neither
    assert VideoClipDataset(str(tmp_path / 'out/train1.txt'), []).labels.tolist() == [0, 1]
    (lists / 'clap_test_split3.txt').unlink()
    with pytest.raises(AnnotationError, match='class clap lacks one of its three splits'):
        hmdb51.annotate(videos, lists)
    (lists / 'clap_test_split1.txt').write_text('a.avi 3\n')
    with pytest.raises(AnnotationError, match=r'clap_test_split1\.txt:1: expected'):
        hmdb51.annotate(videos, lists)


def test_smarthome(tmp_path):
    root = tmp_path / 'mp4'
    videos = files(
        root,
        'Enter_p03_r00_v00_c01.mp4',  # CS train, CV1 and CV2 train
        'Enter_p02_r00_v00_c02.mp4',  # CS test, CV test
        'WatchTV_p04_r00_v00_c03.mp4',  # CS train, no class of CV
        'Leave_p10_r00_v00_c05.mp4',  # CS test, camera 5 is in neither part of CV
        'Walk_p06_r00_v00_c07.mp4',  # CS train, CV2 train
        'Walk_p06_r01_v00_c02.mp4',
        'Jump_p06_r01_v00_c02.mp4',
        'notes.mp4',
    )
    annotation = smarthome.annotate(videos)
    _, content = written(annotation, root, tmp_path)
    cs, cv = protocol_classes('smarthome'), protocol_classes('smarthome/cv')
    assert content['cs/classes.txt'].split() == cs and content['cv2/classes.txt'].split() == cv

    def listed(split, classes):
        lines = [line.split() for line in content[f'{split}.txt'].splitlines()]
        assert all(classes[int(label)] == name.split('_')[0] for name, label in lines)
        return [re.search(r'(.*_p\d+)_r', name)[1] + re.search(r'_c\d+', name)[0] for name, _ in lines]

    assert listed('cs/train', cs) == ['Enter_p03_c01', 'Walk_p06_c07', 'Walk_p06_c02', 'WatchTV_p04_c03']
    assert listed('cs/test', cs) == ['Enter_p02_c02', 'Leave_p10_c05']
    assert listed('cv1/train', cv) == ['Enter_p03_c01']
    assert listed('cv2/train', cv) == ['Enter_p03_c01', 'Walk_p06_c07']
    assert listed('cv1/test', cv) == listed('cv2/test', cv) == ['Enter_p02_c02', 'Walk_p06_c02']
    assert '2 videos are not named like' in annotation.notes[0] and 'Jump' in annotation.notes[0]
    dataset = VideoClipDataset(str(tmp_path / 'out/cv2/train.txt'), [])
    assert dataset.metainfo['classes'] == cv


def test_utd_mhad(tmp_path):
    root = tmp_path / 'depth_video'
    videos = files(root, 'a1_s1_t1.mp4', 'a24_s2_t3.mp4', 'a27_s7_t4.mp4', 'a28_s1_t1.mp4')
    annotation = utd_mhad.annotate(videos)
    _, content = written(annotation, root, tmp_path)
    assert content['train.txt'] == 'a1_s1_t1.mp4 0\na27_s7_t4.mp4 26\n'
    assert content['test.txt'] == 'a24_s2_t3.mp4 23\n'
    assert content['classes.txt'].splitlines()[23:25] == ['sit to stand', 'stand to sit']
    assert 'a28_s1_t1.mp4' in annotation.notes[0]


def test_ut_interaction(tmp_path):
    root = tmp_path / 'ut'
    videos = files(
        root,
        'set1/0_1_4.avi', 'set1/1_1_2.avi', 'set1/10_2_4.avi', 'set1/99_3_6.avi', 'set2/0_11_4.avi',
        'set2/7_12_0.avi',
    )  # fmt: skip
    annotation = ut_interaction.annotate(videos)
    _, content = written(annotation, root, tmp_path)
    assert content['classes.txt'].splitlines()[4] == 'punch'
    assert content['set1_seq01_train.txt'] == 'set1/10_2_4.avi 4\n'
    assert content['set1_seq01_test.txt'] == 'set1/0_1_4.avi 4\nset1/1_1_2.avi 2\n'
    assert content['set2_seq12_train.txt'] == 'set2/0_11_4.avi 4\n'
    assert content['set2.txt'] == 'set2/0_11_4.avi 4\nset2/7_12_0.avi 0\n'
    assert len(content['all.txt'].splitlines()) == 5
    assert annotation.notes == ['1 background clips are left out (--background keeps them)']
    kept = ut_interaction.annotate(videos, background=True)
    assert kept.classes[''][-1] == 'background' and ('set1/99_3_6.avi', 'background') in kept.splits['all']


def test_the_real_ut_interaction_and_utd_mhad(shared_data):
    annotation = ut_interaction.annotate(VideoFolder(shared_data / 'ut_interaction'))
    tests = {name: videos for name, videos in annotation.splits.items() if name.endswith('_test')}
    assert len(tests) == 20 and len(annotation.splits['all']) == 120
    assert sorted(video for test in tests.values() for video in test) == sorted(annotation.splits['all'])
    # one of each class, but one punch is in sequence 8 instead of 6
    assert sorted(map(len, tests.values())) == [5, *[6] * 18, 7]
    for name in tests:
        train = annotation.splits[name.replace('_test', '_train')]
        assert len(train) == 60 - len(tests[name]) and not set(train) & set(tests[name])
    splits = utd_mhad.annotate(VideoFolder(shared_data / 'utd_mhad/depth_video')).splits
    assert (len(splits['train']), len(splits['test'])) == (431, 430)


def test_folders_of_classes(tmp_path):
    root = tmp_path / 'v'
    videos = files(root, *(f'{name}/{person}_{k}.mp4' for name in 'ab' for person in 'xyz' for k in range(4)))
    assert [*folder.annotate(videos).splits] == ['all']
    splits = folder.annotate(videos, 0.25, seed=1).splits
    assert (len(splits['train']), len(splits['test'])) == (18, 6)
    assert folder.annotate(videos, 0.25, seed=1).splits == splits
    assert folder.annotate(videos, 0.25, seed=2).splits != splits
    grouped = folder.annotate(videos, 0.25, groups='/[xyz]_').splits
    persons = [{path.split('/')[1][0] for path, _ in grouped[part]} for part in ('train', 'test')]
    assert not persons[0] & persons[1]
    with pytest.raises(AnnotationError, match="does not match 'Q'"):
        folder.annotate(videos, 0.25, groups='Q')
    videos = files(tmp_path / 'd', 'train/sit down/a.mp4', 'test/sit down/b.mp4', 'test/get up/c.mp4')
    annotation = folder.annotate(videos)
    _, content = written(annotation, tmp_path / 'd', tmp_path)
    assert content['test.txt'] == 'test/get up/c.mp4 0\ntest/sit down/b.mp4 1\n'
    assert content['train.txt'] == 'train/sit down/a.mp4 1\n'
    with pytest.raises(AnnotationError, match='drop --test-share'):
        folder.annotate(videos, 0.5)
    with pytest.raises(AnnotationError, match='expected CLASS/VIDEO below'):
        folder.annotate(files(tmp_path / 'f', 'a.mp4', 'x/b.mp4'))


def test_absent_and_empty_folders(tmp_path):
    with pytest.raises(AnnotationError, match='no such folder'):
        VideoFolder(tmp_path / 'no')
    (tmp_path / 'notes.txt').write_text('')
    with pytest.raises(AnnotationError, match='no videos'):
        VideoFolder(tmp_path)


def test_two_videos_of_one_name_are_found_by_their_paths_only(tmp_path):
    videos = files(tmp_path, 'a/x.avi', 'b/x.avi', 'b/y.avi')
    assert videos.find('a/x.avi') == 'a/x.avi' and videos.find('c/x.avi') is None
    assert videos.find('y.mp4') == videos.find('train/b/y.mp4') == 'b/y.avi'


def test_what_is_left_of_another_class_is_not_taken_for_a_video_that_is_gone(tmp_path):
    videos = files(tmp_path, 'clap/1.mp4', 'flat.avi')
    assert videos.find('wave/1.mp4') is None and videos.find('clap/1.avi') == 'clap/1.mp4'
    assert videos.find('wave/flat.avi') == 'flat.avi'  # kept without folders


def test_bad_videos_are_left_out_where_that_is_checked(tmp_path, capsys):
    root = tmp_path / 'v'
    for name in ('a/1.mp4', 'b/2.mp4'):
        (root / name).parent.mkdir(parents=True)
        make_video(root / name, moving_square(0, 6))
    (root / 'a/bad.mp4').write_bytes(b'no video')
    call = ['folder', '--videos', str(root), '--out', str(tmp_path / 'out'), '--workers', '0', '--quiet']
    assert cli.main([*call, '--check']) == 0
    printed = capsys.readouterr().out
    assert '1 videos cannot be read and are left out' in printed and 'all.txt: 2 videos' in printed
    assert (tmp_path / 'out/all.txt').read_text() == 'a/1.mp4 0\nb/2.mp4 1\n'
    assert (tmp_path / 'out/bad.txt').read_text().startswith('a/bad.mp4\t')
    assert cli.main(call) == 0
    assert not (tmp_path / 'out/bad.txt').exists() and 'all.txt: 3 videos' in capsys.readouterr().out


def test_a_split_without_videos_is_refused(tmp_path, capsys):
    lists = ucf_lists(tmp_path / 'lists')
    files(tmp_path / 'v', 'other.mp4')
    call = ['ucf101', '--videos', str(tmp_path / 'v'), '--annotations', str(lists), '--out', str(tmp_path)]
    assert cli.main(call) == 1
    assert 'split train1: none of its 2 videos is below' in capsys.readouterr().err


@pytest.mark.parametrize('name', DATASETS)
def test_every_data_set_has_its_help(name, capsys):
    with pytest.raises(SystemExit) as done:
        cli.main([name, '--help'])
    assert done.value.code == 0
    assert load_annotator(name).title
    assert f'mmactrep annotate {name}' in capsys.readouterr().out


def test_labels_of_a_fold_are_consecutive(shared_data):
    annotation = ut_interaction.annotate(VideoFolder(shared_data / 'ut_interaction'))
    labels = [annotation.classes[''].index(name) for _, name in annotation.splits['set1_seq03_train']]
    np.testing.assert_array_equal(np.bincount(labels), 9)
