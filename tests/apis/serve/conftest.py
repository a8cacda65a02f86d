"""A page with a small network and an estimator without one, and a browser."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from mmactrep.apis.serve.settings import ServeSettings
from tests.helpers.inference_fakes import FakeEstimator, write_tiny_model


@pytest.fixture(scope='module')
def page(tmp_path_factory):
    """(the page, its address); uploads of at most 4 seconds."""
    pytest.importorskip('gradio', reason='needs requirements/serve.txt')
    from mmactrep.apis import SkeletonInferencer
    from mmactrep.apis.serve.page import Page

    folder = tmp_path_factory.mktemp('page')
    config, checkpoint = write_tiny_model(folder)
    infer = SkeletonInferencer(str(config), checkpoint, 'cpu', window=16, estimator=FakeEstimator(persons=2))
    settings = ServeSettings(port=0, max_seconds=4, max_megabytes=5, taught=folder / 'taught')
    page = Page(infer, settings, lambda model: infer)
    yield page, page.launch(wait=False)
    page.close()
    assert not page.folder.exists()


@pytest.fixture
def open_page(tmp_path, monkeypatch):
    """Opens the page of an inferencer; returns it and its address."""
    monkeypatch.delenv('GRADIO_TEMP_DIR', raising=False)  # afterwards it is that of the other page again
    pytest.importorskip('gradio', reason='needs requirements/serve.txt')
    from mmactrep.apis.serve.page import Page

    pages = []

    def make(infer, open_model=None):
        settings = ServeSettings(port=0, max_seconds=4, max_megabytes=5, taught=tmp_path / 'taught')
        pages.append(Page(infer, settings, open_model))
        return pages[-1], pages[-1].launch(wait=False)

    yield make
    for each in pages:
        each.close()


@pytest.fixture(scope='module')
def example(tmp_path_factory):
    """A video of 40 frames in which a bright square moves, for two seconds."""
    from mmactrep.video.writing import write_video

    frames = np.full((40, 480, 640, 3), 60, np.uint8)
    for number, frame in enumerate(frames):
        frame[200:260, 100 + 8 * number : 160 + 8 * number] = 220
    path = tmp_path_factory.mktemp('example') / 'example.mp4'
    write_video(path, frames, 20.0)
    return path


@pytest.fixture(scope='module')
def browser():
    """Chromium without a window."""
    pytest.importorskip('selenium', reason='needs selenium, see requirements/serve.txt')
    chromium = shutil.which('chromium') or shutil.which('google-chrome') or shutil.which('chromium-browser')
    driver = shutil.which('chromedriver')
    if not chromium or not driver:
        pytest.skip('needs a browser: apt-get install chromium chromium-driver')
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in (
        '--headless=new', '--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu',
        '--window-size=1280,1600', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
    ):  # fmt: skip
        options.add_argument(argument)
    options.set_capability('goog:loggingPrefs', {'performance': 'ALL', 'browser': 'ALL'})
    found = webdriver.Chrome(options, webdriver.ChromeService(driver))
    yield found
    found.quit()
