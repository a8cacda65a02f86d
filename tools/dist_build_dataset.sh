#!/usr/bin/env bash
# Build a data set with several processes on one machine, and merge what they wrote:
#   bash tools/dist_build_dataset.sh NUM_PROCESSES SOURCE --out OUT [arguments of tools/build_dataset.py]
# With --device cuda the processes share the GPUs of the machine. Killed, it goes on with the same command.
set -euo pipefail
processes=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
"${PYTHON:-python}" -m torch.distributed.run --standalone --nproc_per_node="$processes" \
  "$here/build_dataset.py" "$@" --quiet
exec "${PYTHON:-python}" "$here/build_dataset.py" "$@" --merge
