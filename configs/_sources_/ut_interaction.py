"""UT-Interaction without its background: ``tools/build_dataset.py`` with ``--videos UT_INTERACTION``."""

sources = [dict(path='ut_interaction', options=dict(background=True), mapping='ut_interaction.txt')]
