#!/usr/bin/env bash
# Reproduce every row of the Penn Action table in configs/unik/README.md:
#   bash tools/reproduce_penn.sh [NAME ...]      (default: all)
# A finished training is not repeated, an interrupted one resumes. Half an hour to an hour per row on two cores.
# Needs data/penn_action/2d (tools/data/convert.py penn_action). PRETRAINED is the checkpoint for the linear
# evaluation (default: that of the quick start, trained on procedural motion only).
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-${VENV:-.venv}/bin/python}
pretrained=${PRETRAINED:-work_dirs/quickstart/epoch_5.pth}
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-PASSIVE}

# config, epochs, further arguments of tools/train.py
rows=(
  'unik/unik_penn_2d_recommended 30'
  'unik/unik_penn_2d_recommended_bone 30'
  'stgcn/stgcn_penn_2d_recommended 30'
  'agcn/agcn_penn_2d_recommended 30'
  'unik/unik_penn_2d 30 --amp'
  'unik/unik_penn_2d_bone 30 --amp'
  'unik/unik_penn_2d_recommended_5percent 300'
  "unik/unik_penn_2d_linear 30 --amp --load-from $pretrained"
)

scores() { echo "work_dirs/$1/scores.npz"; }

for row in "${rows[@]}"; do
  read -r config epochs arguments <<<"$row"
  name=$(basename "$config")
  if (($#)) && [[ " $* " != *" $name "* ]]; then continue; fi
  checkpoint=work_dirs/$name/epoch_$epochs.pth
  if [ ! -e "$checkpoint" ]; then
    echo "== $name: training, log in work_dirs/$name"
    # shellcheck disable=SC2086  # several arguments
    "$python" tools/train.py "configs/$config.py" --work-dir "work_dirs/$name" --resume $arguments >/dev/null
  fi
  if [ ! -e "$(scores "$name")" ] || [ "$checkpoint" -nt "$(scores "$name")" ]; then
    "$python" tools/test.py "configs/$config.py" "$checkpoint" --work-dir "work_dirs/$name" \
      --dump "$(scores "$name")" >/dev/null
  fi
  echo "== $name"
  "$python" tools/analysis/fuse_scores.py "$(scores "$name")" | tail -n +2
done

for name in unik_penn_2d_recommended unik_penn_2d; do
  if [ -e "$(scores "$name")" ] && [ -e "$(scores "${name}_bone")" ]; then
    echo "== $name: joints and bones fused"
    "$python" tools/analysis/fuse_scores.py "$(scores "$name")" "$(scores "${name}_bone")" --out-dir "work_dirs/${name}_fused"
  fi
done
