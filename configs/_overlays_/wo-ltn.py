"""Contrast of videos without latent time navigation: the baseline of Tables 5.1 and 5.2."""

time_overlay = dict(name='wo-ltn', needs=('model.time.variant',), model=dict(time=None))
