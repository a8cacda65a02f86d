#!/usr/bin/env bash
# Test with several processes: bash tools/dist_test.sh CONFIG CHECKPOINT NUM_PROCESSES [arguments of tools/test.py]
set -euo pipefail
config=$1
checkpoint=$2
processes=$3
here=$(cd "$(dirname "$0")" && pwd)
exec "${PYTHON:-python}" -m torch.distributed.run \
  --nnodes="${NNODES:-1}" --node_rank="${NODE_RANK:-0}" \
  --master_addr="${MASTER_ADDR:-127.0.0.1}" --master_port="${PORT:-29500}" \
  --nproc_per_node="$processes" "$here/test.py" "$config" "$checkpoint" --launcher pytorch "${@:4}"
