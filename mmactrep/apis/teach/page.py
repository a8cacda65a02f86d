"""The report of a run as one HTML page that opens without a server."""

from __future__ import annotations

import html
import io
import shlex
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mmactrep.evaluation.functional.intervals import wilson_interval
from mmactrep.visualization.confusion_matrix import draw_confusion_matrix
from mmactrep.visualization.html_page import html_page, html_picture, html_table, write_page

from .report_data import CurvePoint, TeachReport, WrongClip, advice

#: Most clips that are shown.
SHOWN_CLIPS, _SHOWN_LEFT_OUT = 24, 40
_STYLE = """
.big { font-size: 2.6em; font-weight: 600; margin: 0; } .sub { color: #555; margin-top: 0; }
.clips { display: flex; flex-wrap: wrap; gap: 14px; }
.clip { background: #f6f6f6; border-radius: 6px; padding: 8px; max-width: 320px; }
.clip img { display: block; border-radius: 4px; } .clip p { margin: .4em 0 0; font-size: .9em; }
.bar { display: inline-block; height: .7em; background: #3e5c84; border-radius: 2px; }
.advice { background: #eef3fa; border-left: 4px solid #3e5c84; padding: .5em 1em; }
code { background: #f2f2f2; padding: .1em .3em; border-radius: 3px; overflow-wrap: anywhere; }
"""


def write_report_page(
    path: Path, report: TeachReport, animate: Callable[[WrongClip], bytes], model: str
) -> Path:
    """Write the page.

    Args:
        path: The file.
        report: What it tells.
        animate: Animated WebP of a clip.
        model: Folder of the recognizer, for the commands that use it.
    """
    return write_page(path, html_page(report.title, '\n'.join(_body(report, animate, model)), _STYLE))


def _body(report: TeachReport, animate: Callable[[WrongClip], bytes], model: str) -> Iterable[str]:
    low, high = report.interval
    yield f'<h1>{html.escape(report.title)}</h1>'
    yield f'<p class="big">{report.accuracy:.1%} recognized</p>'
    folds = f', in {len(report.parts)} folds' if len(report.parts) > 1 else ''
    spread = (
        ''
        if report.spread is None
        else f'; standard deviation over the folds {100 * report.spread:.1f} points'
    )
    yield (
        f'<p class="sub">{report.right} of {len(report.labels)} test clips{folds}, {len(report.classes)} '
        f'classes; 95 % interval {low:.1%} to {high:.1%}{spread}. No test clip was trained on.</p>'
    )
    yield f'<p class="advice">{html.escape(advice(report))}</p>'
    yield from (f'<p class="advice">{html.escape(note)}</p>' for note in report.notes)
    yield f'<h2>Classes</h2>{_class_table(report)}'
    yield f'<h2>Confusions</h2><p>{html_picture(_confusions(report), text="confusion matrix")}</p>'
    yield f'<h2>Clips that went wrong ({len(report.wrong)})</h2>{_wrong(report.wrong, animate)}'
    if len(report.curve) > 1:
        picture = html_picture(draw_curve(report.curve), text='learning curve')
        yield f'<h2>More clips?</h2><p>{picture}</p>{_curve_note(report)}'
    yield f'<h2>Clips without a body ({len(report.without_body)})</h2>{_without(report.without_body)}'
    if report.rejection:
        yield f'<h2>Motions of no class</h2>{_rejection(report, model)}'
    yield f'<h2>Trainings</h2>{_trainings(report)}'
    yield f'<h2>Time</h2>{_times(report)}'
    yield f'<h2>Use it</h2>{_use(model)}'
    yield f'<h2>Settings</h2>{html_table((), report.settings.items())}'


def _class_table(report: TeachReport) -> str:
    labels, predictions = np.asarray(report.labels), np.asarray(report.predictions)
    lines = []
    for k, name in enumerate(report.classes):
        own = labels == k
        right, total = int((predictions[own] == k).sum()), int(own.sum())
        share = right / total if total else 0.0
        low, high = wilson_interval(right, total) if total else (0.0, 1.0)
        bar = f'<span class="bar" style="width:{round(120 * share)}px"></span>'
        told = f'{right} of {total}' if total else 'none tested'
        lines.append(
            f'<tr><td>{html.escape(_words(name))}</td><td class="n">{report.counts[k]}</td>'
            f'<td class="n">{told}</td><td class="n">{share:.0%}</td><td>{bar}</td>'
            f'<td class="n">{low:.0%} to {high:.0%}</td></tr>'
        )
    head = (
        '<tr><th>class</th><th class="n">clips</th><th class="n">recognized</th><th class="n">share</th>'
        '<th></th><th class="n">95 % interval</th></tr>'
    )
    return f'<table>{head}{"".join(lines)}</table>'


def _words(name: str) -> str:
    return name.replace('_', ' ')


def _confusions(report: TeachReport) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, 'confusions.png')
        draw_confusion_matrix(report.matrix, [_words(name) for name in report.classes], path)
        return path.read_bytes()


def _wrong(wrong: Sequence[WrongClip], animate: Callable[[WrongClip], bytes]) -> str:
    if not wrong:
        return '<p>None.</p>'
    cards = []
    for clip in wrong[:SHOWN_CLIPS]:
        picture = html_picture(animate(clip), 'webp', f'skeletons of {clip.name}')
        cards.append(
            f'<div class="clip">{picture}<p><b>{html.escape(_words(clip.label))}</b>, taken for '
            f'<b>{html.escape(_words(clip.predicted))}</b> ({clip.score:.0%})</p>'
            f'<p class="why">{html.escape(clip.name)}</p></div>'
        )
    more = len(wrong) - SHOWN_CLIPS
    rest = f'<p>and {more} more, see report.json</p>' if more > 0 else ''
    return f'<p>The surest mistakes first.</p><div class="clips">{"".join(cards)}</div>{rest}'


@matplotlib.rc_context({'text.parse_math': False})
def draw_curve(curve: Sequence[CurvePoint]) -> bytes:
    """The learning curve with its 95 % intervals, as PNG."""
    figure = Figure((7, 3.2), dpi=110, layout='constrained')
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    counts = [point.trained for point in curve]
    shares = np.array([point.right / point.tested for point in curve])
    ends = np.array([wilson_interval(point.right, point.tested) for point in curve])
    axes.errorbar(counts, 100 * shares, 100 * np.abs(ends.T - shares), fmt='o-', capsize=3, color='#3e5c84')
    for x, share in zip(counts, shares):
        axes.annotate(
            f'{share:.0%}', (x, 100 * share), textcoords='offset points', xytext=(-5, 5), ha='right', size=9
        )
    axes.set_ylim(0, 104)
    axes.set_xlim(0, 1.08 * max(counts))
    axes.set_xlabel('training clips')
    axes.set_ylabel('recognized, %')
    axes.spines[['top', 'right']].set_visible(False)
    target = io.BytesIO()
    figure.savefig(target, format='png')
    return target.getvalue()


def _curve_note(report: TeachReport) -> str:
    tested, all_clips = report.curve[-1].tested, len(report.labels)
    some = '' if tested == all_clips else f', of which these trainings tested {tested} of the {all_clips}'
    return f'<p class="why">Shares of the test clips{some}; bars are 95 % intervals.</p>'


def _without(rows: Sequence[tuple[str, str]]) -> str:
    if not rows:
        return '<p>None: a body was found in every clip.</p>'
    shown = [f'<div class="why">{html.escape(why)}</div>' for _, why in rows[:_SHOWN_LEFT_OUT]]
    more = len(rows) - _SHOWN_LEFT_OUT
    rest = f'<p>and {more} more, see report.json</p>' if more > 0 else ''
    return f'<p>They were neither trained on nor tested.</p>{"".join(shown)}{rest}'


def _rejection(report: TeachReport, model: str) -> str:
    found = report.rejection
    command = html.escape(f'mmactrep rejection {shlex.quote(model)} STORE')
    return (
        f'<p>A motion that fits no class is called <b>{html.escape(report.verdict)}</b>. The threshold keeps '
        f'{found["kept"]:.0%} of test clips that it was not set on. Of {found["unknown"]:.0f} procedural '
        f'motions of other kinds, {found["false_alarms"]:.0%} are taken for one of the classes (AUROC '
        f'{found["auroc"]:.3f}). Real motions may be harder to tell: <code>{command}</code> measures it on '
        'clips of other actions.</p>'
    )


def _trainings(report: TeachReport) -> str:
    lines = [
        (part.name, f'{part.trained}', f'{part.tested}', f'{part.right / part.tested:.1%}', part.start,
         f'{part.steps}', f'{part.seconds:.0f} s')
        for part in report.parts
    ]  # fmt: skip
    table = html_table(('part', 'trained on', 'tested', 'recognized', 'start', 'steps', 'time'), lines)
    starts = ', '.join(f'{name} {score:.0%}' for name, score in report.starts.items())
    lengths = ', '.join(f'{steps} steps {score:.0%}' for steps, score in report.lengths.items())
    told = f'<p>Starts, by a linear classifier on their features (all clips): {starts}.</p>' if starts else ''
    if lengths:
        told += f'<p>Lengths, on validation parts of the training clips: {lengths}.</p>'
    if told:
        told += '<p>Start and length of each part are chosen on its training clips alone.</p>'
    return table + told


def _times(report: TeachReport) -> str:
    lines = [(name, f'{seconds:.0f} s') for name, seconds in report.seconds.items()]
    return html_table((), [*lines, ('all', f'{sum(report.seconds.values()):.0f} s')])


def _use(model: str) -> str:
    name = html.escape(shlex.quote(model))
    python = html.escape(f"SkeletonInferencer({model!r})('video.mp4').labels")
    return (
        f'<p>Draw what it recognizes in a video:<br><code>mmactrep demo VIDEO --model {name}</code></p>'
        f'<p>In what a camera sees:<br><code>mmactrep demo 0 --stream --show --model {name}</code></p>'
        f'<p>In Python:<br><code>{python}</code></p>'
    )
