"""What the commands do: a module a command, with ``main(argv)``, which ``mmactrep`` and the scripts call.

To add a command, put a module here and a line into the table of :mod:`mmactrep.cli`; where the command has a
script in ``tools/`` or ``demo/`` too, that is ``from mmactrep.commands.NAME import main``. A module

- has ``main(argv: list[str] | None = None) -> int | None``, decorated by
  :func:`mmactrep.arguments.plain_errors`; ``argv`` are the arguments behind the command's name, the result is
  the exit status, None for 0;
- makes its ``argparse.ArgumentParser`` without ``prog``: that is ``mmactrep NAME`` or the script, as called;
- imports what is slow (torch, mmengine, OpenCV, SciPy, matplotlib) inside functions, so that ``--help`` and
  wrong arguments are answered at once (``tests/test_start_up.py``).
"""
