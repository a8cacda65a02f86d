"""The page: gradio's components around :mod:`.analysis` and :mod:`.teach_session`."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmactrep.arguments import describe
from mmactrep.errors import UserError
from mmactrep.models.heads import TextHead

from .analysis import COLUMNS, PageResult, analyse, words
from .settings import ServeSettings, UploadError
from .teach_session import TeachSession

if TYPE_CHECKING:
    from mmactrep.apis.skeleton_inferencer import SkeletonInferencer

INSTALL = 'pip install -c requirements/constraints.txt --no-deps -r requirements/serve.txt'
# names of classes that are told
_NAMED, _SHOWN = 40, 5
# seconds for which an error is shown
_ERROR_SECONDS = 15
CSS = """
.gradio-container { max-width: 1180px !important; margin: auto; }
footer { display: none !important; }
#skeletons video, #video video { max-height: 420px; }
"""


def import_gradio(folder: str | Path) -> Any:
    """Gradio, which writes into this folder alone and reports to nobody.

    Raises:
        UserError: If it is not installed.
    """
    os.environ.update(GRADIO_TEMP_DIR=str(folder), GRADIO_ANALYTICS_ENABLED='False', HF_HUB_OFFLINE='1')
    os.environ['HF_HUB_DISABLE_TELEMETRY'] = '1'
    # gradio asks itself whether it runs
    os.environ['NO_PROXY'] = ','.join(filter(None, [os.environ.get('NO_PROXY'), '127.0.0.1', 'localhost']))
    try:
        import gradio
    except ImportError as error:
        raise UserError(f'the page needs gradio ({error}): {INSTALL}') from error
    return gradio


def _headed(result: PageResult, folder: Path) -> str:
    """A file for gradio's label: the best class or "none of the classes", above probabilities by class."""
    best = max(result.labels, key=result.labels.get)
    rows = sorted(result.labels.items(), key=lambda row: -row[1])[:_SHOWN]
    confidences = [dict(label=name, confidence=score) for name, score in rows]
    path = folder / 'labels.json'
    path.write_text(json.dumps(dict(label=result.verdict or best, confidences=confidences)), encoding='utf-8')
    return str(path)


class Page:
    """A page with a model.

    Args:
        infer: The model that videos are shown to at first.
        settings: Limits and address.
        open_model: Makes an inferencer of the folder of a taught model, for teaching.

    Raises:
        UserError: If gradio is not installed.
    """

    def __init__(self, infer: SkeletonInferencer, settings: ServeSettings, open_model: Any = None) -> None:
        self.infer, self.settings, self.open_model = infer, settings, open_model
        self.folder = Path(tempfile.mkdtemp(prefix='mmactrep-page-'))
        self.gradio = import_gradio(self.folder)
        # the experts keep state: one video at a time
        self._lock = threading.Lock()
        self._sessions: list[TeachSession] = []
        self.blocks = self._build()

    @property
    def takes_words(self) -> bool:
        """Whether the model recognizes actions that are named in words."""
        return isinstance(getattr(self.infer.recognizer.model, 'cls_head', None), TextHead)

    @property
    def recognizes(self) -> str:
        """What the model recognizes, as a sentence."""
        if self.takes_words:
            return 'Recognizes actions that you name.'
        names = [words(name) for name in self.infer.classes]
        more = f' and {len(names) - _NAMED} more' if len(names) > _NAMED else ''
        return f'Recognizes {", ".join(names[:_NAMED])}{more}.'

    def show(self, video: str | None, labels: str = '') -> tuple[Any, ...]:
        """Recognize an upload; it is removed whatever happens.

        Args:
            video: Path of the upload.
            labels: Words to look for, of a model that takes them.

        Raises:
            gradio.Error: With what is to be told.
        """
        if not video:
            raise self._error('Choose or record a video first.')
        try:
            self._remove_old()
            opened = self.settings.check_video(video)
            folder = Path(tempfile.mkdtemp(prefix='result-', dir=self.folder))
            with self._lock:
                if self.takes_words and labels.strip():
                    self.infer.set_labels(labels)
                result = analyse(self.infer, opened, folder)
        except (UserError, OSError) as error:
            said = describe(error).replace(str(video), 'the video')
            raise self._error(said) from error
        finally:
            self._remove(video)
        said = [f'- {note}' for note in result.notes]
        rows = [list(row) for row in result.segments]
        return result.video, _headed(result, folder), rows, result.timeline, '\n'.join(said)

    def _error(self, said: str) -> Exception:
        """What the page shows as an error."""
        return self.gradio.Error(said, duration=_ERROR_SECONDS, print_exception=False)

    def _remove(self, upload: str) -> None:
        """Remove an upload with the folder that gradio made for it."""
        path = Path(upload).resolve()
        if self.folder.resolve() in path.parents:
            path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                path.parent.rmdir()

    def _remove_old(self) -> None:
        for found in self.folder.glob('result-*'):
            if time.time() - found.stat().st_mtime > 60 * self.settings.keep_minutes:
                shutil.rmtree(found, ignore_errors=True)

    def add_examples(
        self, session: TeachSession | None, name: str, uploads: list[str] | None
    ) -> tuple[Any, ...]:
        """Add examples of a class; returns the session and what it holds."""
        if session is None:
            self.settings.taught.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix='session-', dir=self.settings.taught))
            session = TeachSession(folder, self.settings)
            self._sessions.append(session)
        try:
            session.add(name, uploads or [])
        except (UserError, OSError) as error:
            raise self._error(describe(error)) from error
        finally:
            for upload in uploads or []:
                self._remove(upload)
        rows = [[known, count] for known, count in session.counts().items()]
        return session, rows, '', None

    def teach(self, session: TeachSession | None) -> Iterator[str]:
        """Teach on the examples, tell what happens, and use the model from then on.

        The examples are removed then; if they do not do, they are kept, for more to be added.
        """
        if session is None or len(session.counts()) < 2:
            raise self._error('Add examples of two classes or more first.')
        said: list[str] = []
        try:
            with self._lock:
                for line in session.teach(self.infer.experts if isinstance(self.infer.experts, list) else ()):
                    said.append(line)
                    yield '\n'.join(said)
                self.infer = self.open_model(said[-1])
            session.forget()
            said[-1] = f'Model and report: {Path(said[-1]).parent}'
            yield '\n'.join([*said, 'The page recognizes these classes now.'])
        except (UserError, OSError) as error:
            raise self._error(describe(error)) from error

    def _build(self) -> Any:
        gr = self.gradio
        limits = self.settings
        with gr.Blocks(
            analytics_enabled=False, title='mmactrep', delete_cache=(60, 60 * limits.keep_minutes)
        ) as page:
            gr.Markdown(
                '# Actions in a video\n'
                f'Videos of at most {limits.max_seconds:.0f} seconds and {limits.max_megabytes} MB. '
                'They stay on the machine that runs this page and are removed when they have been read.'
            )
            with gr.Tab('Recognize'):
                of_model = self._build_recognize()
            taught = None
            if limits.teach and self.open_model is not None:
                with gr.Tab('Teach'):
                    taught = self._build_teach()
            # a page that is opened anew, or has taught, shows the model that is there now
            for event in filter(None, [page.load, taught]):
                event(self._of_model, None, of_model, api_visibility='private')
        return page

    def _of_model(self) -> tuple[str, Any]:
        """What the components that depend on the model show: its classes, the words to look for."""
        named = ', '.join(self.infer.classes) if self.takes_words else ''
        return self.recognizes, self.gradio.update(visible=self.takes_words, value=named)

    def _build_recognize(self) -> list[Any]:
        gr = self.gradio
        known = gr.Markdown(self.recognizes, elem_id='classes')
        with gr.Row():
            with gr.Column():
                # to drop the sound, gradio would call ffmpeg, which need not be there
                video = gr.Video(
                    label='Video', sources=['upload', 'webcam'], elem_id='video', include_audio=True,
                    webcam_options=gr.WebcamOptions(mirror=False), buttons=[],
                )  # fmt: skip
                labels = gr.Textbox(
                    label='Words to look for',
                    value=', '.join(self.infer.classes),
                    info='Actions, separated by commas',
                    visible=self.takes_words,
                    elem_id='words',
                )
                start = gr.Button('Recognize', variant='primary', elem_id='start')
            with gr.Column():
                drawn = gr.Video(
                    label='Skeletons', elem_id='skeletons', interactive=False, buttons=['download']
                )
                scores = gr.Label(label='Actions', num_top_classes=_SHOWN, elem_id='labels')
                notes = gr.Markdown(elem_id='notes')
        segments = gr.Dataframe(
            headers=list(COLUMNS), label='Segments', interactive=False, elem_id='segments'
        )
        timeline = gr.Image(
            label='Classes over time',
            interactive=False,
            elem_id='timeline',
            buttons=['download', 'fullscreen'],
        )
        start.click(
            self.show, [video, labels], [drawn, scores, segments, timeline, notes],
            concurrency_limit=1, api_visibility='private',
        ).then(lambda: None, None, video, api_visibility='private')  # fmt: skip
        return [known, labels]

    def _build_teach(self) -> Any:
        gr = self.gradio
        session = gr.State(None)
        gr.Markdown(
            'Name an action, add videos that show it, and repeat that for every action. Ten videos of each '
            'are a good start. The test, and all further figures, are in the report beside the model.'
        )
        with gr.Row():
            with gr.Column():
                name = gr.Textbox(label='Action', elem_id='class-name')
                files = gr.File(
                    label='Videos',
                    file_count='multiple',
                    file_types=['video'],
                    height=180,
                    elem_id='examples',
                )
                add = gr.Button('Add', elem_id='add')
            with gr.Column():
                known = gr.Dataframe(
                    headers=['Action', 'Videos'], label='Examples', interactive=False, elem_id='known'
                )
                teach = gr.Button('Teach', variant='primary', elem_id='teach')
                told = gr.Textbox(
                    label='Progress', lines=8, max_lines=16, interactive=False, elem_id='progress'
                )
        add.click(
            self.add_examples, [session, name, files], [session, known, name, files], api_visibility='private'
        )
        done = teach.click(self.teach, session, told, concurrency_limit=1, api_visibility='private')
        return done.then

    def launch(self, wait: bool = True) -> str:
        """Open the page.

        Args:
            wait: Return when it is closed (Ctrl+C); else at once, and :meth:`close` ends it.

        Returns:
            Its address.

        Raises:
            UserError: If the port is taken.
        """
        gr = self.gradio
        if why := _why_not(self.settings.host, self.settings.port):
            self.close()
            raise UploadError(
                f'{self.settings.host}, port {self.settings.port}, cannot be used ({why}): choose others by '
                '--host and --port'
            )
        theme = gr.themes.Default(
            primary_hue='blue', font=['system-ui', 'sans-serif'], font_mono=['system-ui', 'sans-serif']
        )
        try:
            _, url, _ = self.blocks.queue(max_size=16, api_open=False).launch(
                server_name=self.settings.host,
                server_port=self.settings.port or None,
                share=False,
                quiet=True,
                prevent_thread_lock=True,
                allowed_paths=[],
                max_file_size=int(self.settings.max_megabytes * 1e6),
                theme=theme,
                css=CSS,
                footer_links=[],
                ssr_mode=False,
                enable_monitoring=False,
            )
        except OSError as error:
            self.close()
            raise UploadError(f'{self.settings.host}: the page cannot be opened there: {error}') from error
        if wait:
            print(f'page: {url} (Ctrl+C ends it)', flush=True)
            try:
                self.blocks.block_thread()
            finally:
                self.close()
        return url

    def close(self) -> None:
        """End the page and remove all that was uploaded and made."""
        self.blocks.close(verbose=False)
        shutil.rmtree(self.folder, ignore_errors=True)
        for session in self._sessions:
            session.forget()


def _why_not(host: str, port: int) -> str:
    """Why an address cannot be bound to, in the words of the system; empty if it can."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
            probe.bind(address)
    except OSError as error:
        return error.strerror or str(error)
    return ''
