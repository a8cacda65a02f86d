#!/usr/bin/env bash
# Train on a Slurm cluster: bash tools/slurm_train.sh PARTITION JOB_NAME CONFIG WORK_DIR [arguments of tools/train.py]
# GPUS, GPUS_PER_NODE, CPUS_PER_TASK and SRUN_ARGS are read from the environment.
set -euo pipefail
partition=$1
job_name=$2
config=$3
work_dir=$4
gpus=${GPUS:-8}
per_node=${GPUS_PER_NODE:-8}
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck disable=SC2086  # SRUN_ARGS may contain several arguments
exec srun -p "$partition" --job-name="$job_name" --gres=gpu:"$per_node" --ntasks="$gpus" \
  --ntasks-per-node="$per_node" --cpus-per-task="${CPUS_PER_TASK:-5}" --kill-on-bad-exit=1 ${SRUN_ARGS:-} \
  "${PYTHON:-python}" -u "$here/train.py" "$config" --work-dir "$work_dir" --launcher slurm "${@:5}"
