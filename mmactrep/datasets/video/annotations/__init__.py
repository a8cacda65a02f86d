"""Lists of videos and labels of published data sets, one module each; see :mod:`.annotator`."""
