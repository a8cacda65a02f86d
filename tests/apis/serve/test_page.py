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
    if os.environ.get('MMACTREP_SCREENSHOTS'):
        browser.save_screenshot(str(Path(os.environ['MMACTREP_SCREENSHOTS'], 'page.png')))


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
