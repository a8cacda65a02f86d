#!/usr/bin/env bash
# Train with several processes on one or more machines, on GPUs (nccl) or on CPUs (gloo):
#   bash tools/dist_train.sh CONFIG NUM_PROCESSES [arguments of tools/train.py]
# NNODES, NODE_RANK, MASTER_ADDR and PORT are read from the environment.
set -euo pipefail
config=$1
processes=$2
here=$(cd "$(dirname "$0")" && pwd)
exec "${PYTHON:-python}" -m torch.distributed.run \
  --nnodes="${NNODES:-1}" --node_rank="${NODE_RANK:-0}" \
  --master_addr="${MASTER_ADDR:-127.0.0.1}" --master_port="${PORT:-29500}" \
  --nproc_per_node="$processes" "$here/train.py" "$config" --launcher pytorch "${@:3}"
