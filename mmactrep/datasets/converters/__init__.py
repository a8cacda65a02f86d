"""Readers of other data sets' formats, and the loop that writes them into a store.

A data set's module provides a :class:`~.conversion.Conversion`: the clips to read, a function that reads one,
and what the store records about them; :func:`~.runner.run_conversion` does the rest. The command is
``mmactrep convert``; the module declares its arguments in a :class:`~.converter.Converter`.
"""
