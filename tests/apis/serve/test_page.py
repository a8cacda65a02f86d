"""The page in a browser, and what it gives to nobody."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import ProxyHandler, build_opener

import pytest

from mmactrep.apis.serve.page import Page
from mmactrep.apis.serve.settings import ServeSettings, UploadError
from mmactrep.commands.serve import main
from tests.helpers.brightness_expert import BrightnessExpert
from tests.helpers.inference_fakes import FakeEstimator, write_tiny_model
from tests.helpers.text_models import teach_letters, write_tmor


def wait_for(browser, condition, seconds=60):
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(browser, seconds).until(condition)


def find(browser, selector):
    return browser.find_element('css selector', selector)


def text_of(browser, selector):
    found = browser.find_elements('css selector', selector)
    return found[0].text if found else ''


def upload(browser, url, video):
    """Open the page and put a video in."""
    browser.get(url)
    wait_for(browser, lambda b: b.find_elements('css selector', '#video input[type=file]'))
    find(browser, '#video input[type=file]').send_keys(str(video))
    wait_for(browser, lambda b: b.find_elements('css selector', '#video video'))
    find(browser, '#start').click()


def test_a_video_goes_in_and_the_labels_come_out(page, browser, example):
    opened, url = page
    upload(browser, url, example)
    said = wait_for(browser, lambda b: text_of(b, '#labels') if '%' in text_of(b, '#labels') else None)
    assert sum(name in said for name in ('bend', 'jump', 'sit', 'wave')) == 4
    wait_for(browser, lambda b: b.find_elements('css selector', '#timeline img'))
    drawn = wait_for(browser, lambda b: b.find_elements('css selector', '#skeletons video'))[0]
    source = drawn.get_attribute('src') or find(browser, '#skeletons video source').get_attribute('src')
    assert urlsplit(source).netloc == urlsplit(url).netloc
    # the browser decodes it
    wait_for(browser, lambda b: b.execute_script('return arguments[0].readyState >= 1', drawn))
    assert browser.execute_script('return arguments[0].duration', drawn) == pytest.approx(2, abs=0.1)
    rows = text_of(browser, '#segments')
    assert '0.0' in rows and '2.0' in rows
    # the upload is gone, the result is there until its time
    files = [path for path in opened.folder.rglob('*') if path.is_file()]
    assert not [path for path in files if path.stat().st_size == example.stat().st_size]
    assert any(path.name == 'skeletons.mp4' for path in files)
    shot(browser, 'page')


def fill(browser, selector, text):
    """Put a text in the place of that of a field."""
    from selenium.webdriver.common.keys import Keys

    field = find(browser, selector)
    field.click()
    field.send_keys(Keys.CONTROL, 'a')
    field.send_keys(text)


def shot(browser, name):
    """A picture of the page, where they are asked for."""
    if os.environ.get('MMACTREP_SCREENSHOTS'):
        browser.save_screenshot(str(Path(os.environ['MMACTREP_SCREENSHOTS'], f'{name}.png')))


def test_words_are_looked_for_as_they_are_written(open_page, browser, example, tmp_path, monkeypatch):
    from mmactrep.apis import SkeletonInferencer

    teach_letters(monkeypatch)
    checkpoint = write_tmor(tmp_path / 'tmor.pth')
    infer = SkeletonInferencer(
        weights=checkpoint, device='cpu', window=16, labels='drink, sit down', estimator=FakeEstimator()
    )
    _, url = open_page(infer)
    browser.get(url)
    wait_for(browser, lambda b: 'Recognizes actions that you name.' in text_of(b, '#classes'))
    words = '#words textarea, #words input'
    wait_for(browser, lambda b: find(b, words).get_attribute('value') == 'drink, sit down')
    fill(browser, words, 'jump over a rope, a hug')
    find(browser, '#video input[type=file]').send_keys(str(example))
    wait_for(browser, lambda b: b.find_elements('css selector', '#video video'))
    find(browser, '#start').click()
    wait_for(browser, lambda b: 'a hug' in text_of(b, '#labels'))
    said = text_of(browser, '#labels')
    assert (
        'jump over a rope' in said and 'drink' not in said and infer.classes == ['jump over a rope', 'a hug']
    )
    shot(browser, 'words')
    # opened anew, the page has the words that are looked for now
    browser.get(url)
    wait_for(browser, lambda b: b.find_elements('css selector', words))
    wait_for(browser, lambda b: find(b, words).get_attribute('value') == 'jump over a rope, a hug')


def test_the_page_teaches_and_uses_what_it_taught(
    open_page, browser, videos, tiny_recipe, tmp_path, monkeypatch
):
    from functools import partialmethod

    from mmactrep.apis import SkeletonInferencer
    from mmactrep.apis.serve.teach_session import TeachSession

    # random weights, two steps, one training, in this process
    least = dict(starts=('none',), steps=(2,), processes=1, curve=(), folds=1)
    monkeypatch.setattr(TeachSession, 'teach', partialmethod(TeachSession.teach, **least))
    experts = [BrightnessExpert()]
    first = SkeletonInferencer(*write_tiny_model(tmp_path), 'cpu', experts, window=16)
    opened, url = open_page(first, lambda folder: SkeletonInferencer(folder, None, 'cpu', experts, window=16))
    browser.get(url)
    wait_for(browser, lambda b: 'bend, jump, sit, wave' in text_of(b, '#classes'))
    tabs = wait_for(browser, lambda b: b.find_elements('css selector', 'button[role=tab]'))
    next(tab for tab in tabs if tab.text == 'Teach').click()
    for number, folder in enumerate(sorted(videos.iterdir()), 1):
        wait_for(browser, lambda b: find(b, '#class-name textarea, #class-name input').is_displayed())
        fill(browser, '#class-name textarea, #class-name input', folder.name)
        chosen = wait_for(browser, lambda b: b.find_elements('css selector', '#examples input[type=file]'))[0]
        chosen.send_keys('\n'.join(map(str, sorted(folder.iterdir()))))
        wait_for(browser, lambda b: 'clip2' in text_of(b, '#examples'))
        shot(browser, 'teach_chosen')
        find(browser, '#add').click()
        wait_for(browser, lambda b, n=folder.name: n in text_of(b, '#known'))
        if number == 1:  # one class is too few
            find(browser, '#teach').click()
            wait_for(browser, lambda b: 'two classes or more' in find(b, 'body').text)
            shot(browser, 'teach_too_few')
    shot(browser, 'teach_examples')
    find(browser, '#teach').click()
    progress = '#progress textarea'
    wait_for(
        browser, lambda b: 'recognizes these classes now' in (find(b, progress).get_attribute('value') or '')
    )
    shot(browser, 'taught')
    told = find(browser, progress).get_attribute('value')
    assert 'poses: brightness\n' in told and 'Model and report: ' in told
    assert opened.infer.classes == ['falling', 'rising']
    models = list((tmp_path / 'taught').rglob('MODEL/checkpoint.pth'))
    assert len(models) == 1 and (models[0].parents[1] / 'report.html').is_file()
    assert not list((tmp_path / 'taught').rglob('*.mp4'))  # the examples are gone
    browser.find_elements('css selector', 'button[role=tab]')[0].click()
    wait_for(browser, lambda b: 'falling, rising' in text_of(b, '#classes'))
    find(browser, '#video input[type=file]').send_keys(str(videos / 'rising' / 'clip0.mp4'))
    wait_for(browser, lambda b: b.find_elements('css selector', '#video video'))
    find(browser, '#start').click()
    said = wait_for(browser, lambda b: text_of(b, '#labels') if '%' in text_of(b, '#labels') else None)
    assert 'falling' in said and 'rising' in said and 'wave' not in said
    shot(browser, 'taught_used')


def test_the_page_needs_no_other_machine(page, browser):
    """Nothing that the page asks of others is awaited: the only hosts that answered are this one."""
    _, url = page
    browser.get_log('performance')
    browser.get(url)
    wait_for(browser, lambda b: b.find_elements('css selector', '#start'))
    answered = set()
    for entry in browser.get_log('performance'):
        message = json.loads(entry['message'])['message']
        if message['method'] == 'Network.requestWillBeSent':
            answered.add(urlsplit(message['params']['request']['url']).hostname)
    assert answered - {None, ''} == {'127.0.0.1'}


def test_a_video_that_is_too_long_is_told(page, browser, tmp_path):
    import numpy as np

    from mmactrep.video.writing import write_video

    opened, url = page
    write_video(tmp_path / 'long.mp4', np.zeros((60, 48, 64, 3), np.uint8), 10.0)
    upload(browser, url, tmp_path / 'long.mp4')
    assert wait_for(browser, lambda b: '6 seconds long, this page takes at most 4' in find(b, 'body').text)
    assert not list(opened.folder.rglob('long*.mp4'))


def get(url):
    """Status and body of an address; no proxy."""
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=20) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        return error.code, error.read()


def test_files_outside_its_folder_are_never_served(page, repo, tmp_path):
    opened, url = page
    secret = tmp_path / 'secret.txt'
    secret.write_text('this is a secret of 30 letters')
    inside = opened.folder / 'result-x' / 'inside.txt'
    inside.parent.mkdir(exist_ok=True)
    (opened.folder / 'link.txt').unlink(missing_ok=True)
    paths = [
        str(secret),
        f'{opened.folder}/../{secret.relative_to("/tmp")}'
        if str(secret).startswith('/tmp/')
        else str(secret),
        str(repo / 'setup.py'),
        'setup.py',
        '../setup.py',
        f'{opened.folder}/../../etc/passwd',
        '/etc/passwd',
        f'file://{secret}',
    ]
    for prefix in (
        'gradio_api/file=',
        'file=',
        'gradio_api/file/',
        'static/',
        'assets/',
        'gradio_api/stream/',
    ):
        for path in paths:
            for sent in (path, quote(path, safe=''), path.replace('..', '%2e%2e')):
                status, body = get(f'{url}{prefix}{sent}')
                assert status >= 400 or b'<!doctype html>' in body.lower(), (prefix, sent, status)
                for said in (b'secret of 30', b'root:', b'install_requires'):
                    assert said not in body, (prefix, sent)


def test_it_is_bound_to_this_machine(page):
    _, url = page
    assert urlsplit(url).hostname == '127.0.0.1'
    host = socket.gethostbyname(socket.gethostname())
    if host.startswith('127.'):
        pytest.skip('this machine has no other address')
    with pytest.raises(OSError):
        socket.create_connection((host, urlsplit(url).port), timeout=5)


def test_examples_are_kept_by_class_and_a_session_needs_two(page, example):
    import gradio

    opened, _ = page
    copy = opened.folder / 'example.mp4'
    copy.write_bytes(example.read_bytes())
    session, rows, *_ = opened.add_examples(None, 'wave', [str(copy)])
    assert rows == [['wave', 1]] and not copy.exists()
    with pytest.raises(gradio.Error, match='two classes or more'):
        next(opened.teach(session))


@pytest.mark.parametrize('where', ['port', 'host'])
def test_an_address_that_cannot_be_used_is_told_with_its_reason(where, page, tmp_path, monkeypatch):
    monkeypatch.delenv('GRADIO_TEMP_DIR', raising=False)
    opened, url = page
    address = dict(port=urlsplit(url).port) if where == 'port' else dict(port=0, host='no-such-host.invalid')
    second = Page(opened.infer, ServeSettings(**address, taught=tmp_path / 'taught'), None)
    said = (
        r'127\.0\.0\.1, port \d+, .*in use\)' if where == 'port' else r'no-such-host\.invalid, port 0, .*\('
    )
    with pytest.raises(UploadError, match=said) as told:
        second.launch(wait=False)
    assert 'GRADIO' not in str(told.value) and not second.folder.exists()


def test_experts_that_do_not_exist_are_told_before_the_page_opens(capsys):
    assert main(['--experts', 'nobody', '--device', 'cpu']) == 1
    assert "'nobody'" in capsys.readouterr().err
