"""What the server of :mod:`tests.helpers.processes` imports once; nothing here computes."""

import mmactrep.commands.test
import mmactrep.commands.train
import mmactrep.datasets.skeleton_dataset
import mmactrep.models  # noqa: F401
