"""2s-AGCN on Penn Action by the recommended recipe: ``unik_penn_2d_recommended.py --with agcn``."""

_base_ = ['../unik/unik_penn_2d_recommended.py', '../_overlays_/agcn.py']
