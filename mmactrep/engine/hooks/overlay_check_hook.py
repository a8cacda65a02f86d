"""Refusing a config whose overlays nobody merged."""

from __future__ import annotations

from mmengine.hooks import Hook

from mmactrep.engine.overlays import SUFFIX, OverlayError
from mmactrep.registry import HOOKS


@HOOKS.register_module()
class OverlayCheckHook(Hook):
    """Refuses a config that lists overlays among its bases and was read by MMEngine alone.

    ``Config.fromfile`` knows no overlays: joints would be trained where the config says bones, silently.
    """

    def before_run(self, runner) -> None:
        """Look for overlays that are not merged.

        Raises:
            OverlayError: Naming them.
        """
        left = [runner.cfg[key]['name'] for key in runner.cfg if key.endswith(SUFFIX)]
        if left:
            raise OverlayError(
                f'{runner.cfg.filename}: its overlays are not merged ({", ".join(left)}): read it with '
                'mmactrep.engine.composed_config.compose_config, not with Config.fromfile'
            )
