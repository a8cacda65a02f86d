"""Refusing a config whose overlays were not merged."""

from __future__ import annotations

from mmengine.hooks import Hook

from mmactrep.engine.overlays import SUFFIX, OverlayError
from mmactrep.registry import HOOKS


@HOOKS.register_module()
class OverlayCheckHook(Hook):
    """Refuses a config that lists overlays among its bases but was read by MMEngine alone.

    ``Config.fromfile`` does not know overlays: a config that asks for bones would silently train on joints.
    """

    def before_run(self, runner) -> None:
        """Check that all overlays are merged.

        Raises:
            OverlayError: If any are not; the message names them.
        """
        left = [runner.cfg[key]['name'] for key in runner.cfg if key.endswith(SUFFIX)]
        if left:
            raise OverlayError(
                f'{runner.cfg.filename}: its overlays are not merged ({", ".join(left)}): read it with '
                'mmactrep.engine.composed_config.compose_config, not with Config.fromfile'
            )
