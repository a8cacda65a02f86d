"""Readers of other data sets' formats, and the loop that writes them into a store.

A data set's module gives a :class:`~.conversion.Conversion`: the clips to read, a function that reads one,
and what the store says of them; :func:`~.runner.run_conversion` does the rest. The command is
``tools/data/convert.py``, to which the module tells its arguments by a :class:`~.converter.Converter`.
"""
