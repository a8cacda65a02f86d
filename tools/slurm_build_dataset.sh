#!/usr/bin/env bash
# Build a data set on a Slurm cluster: bash tools/slurm_build_dataset.sh PARTITION TASKS SOURCE --out OUT [arguments]
# An array of TASKS tasks divides the rows; when all are done, another job merges what they wrote. Killed or
# failed tasks go on where they stopped: give the same command again. Arguments are those of build_dataset.py.
# PROCESSES (of each task, which share its GPUs), CPUS_PER_TASK, GPUS_PER_TASK, TIME and SBATCH_ARGS are read
# from the environment.
set -euo pipefail
partition=$1
tasks=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python}
processes=${PROCESSES:-1}
build=$(printf '%q ' "$here/build_dataset.py" "$@" --quiet)
common=(-p "$partition" --parsable --job-name=build_dataset ${TIME:+--time="$TIME"})
# shellcheck disable=SC2206  # SBATCH_ARGS may contain several arguments
common+=(${SBATCH_ARGS:-})
launch="$python"
if [ "$processes" -gt 1 ]; then
  launch="$python -m torch.distributed.run --standalone --nproc_per_node $processes"
fi
array=$(sbatch "${common[@]}" --array="0-$((tasks - 1))" --requeue --cpus-per-task="${CPUS_PER_TASK:-4}" \
  ${GPUS_PER_TASK:+--gres=gpu:"$GPUS_PER_TASK"} --output="build_dataset-%A_%a.log" --wrap "$launch $build")
echo "array job $array: $tasks tasks of $processes processes"
merge=$(sbatch "${common[@]}" --dependency="afterok:${array%%;*}" --kill-on-invalid-dep=yes --cpus-per-task=4 \
  --output="build_dataset-%j.log" --wrap "$python $build --merge")
echo "merge job $merge: runs when all tasks are done"
