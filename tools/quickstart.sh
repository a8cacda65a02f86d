#!/usr/bin/env bash
# From a fresh machine to a trained and tested UNIK:
#   bash tools/quickstart.sh
# creates .venv (once), generates and converts a stand-in for Posetics (once), trains
# configs/unik/unik_posetics_2d.py on it for a few epochs, tests the checkpoint and renders a clip.
# If real Posetics has been converted to data/posetics/2d (or $MMACTREP_DATA_ROOT/posetics/2d), it is used instead.
#
#   WORK_DIR   output folder (default: work_dirs/quickstart)
#   EPOCHS     number of epochs (default: 5)
set -euo pipefail
cd "$(dirname "$0")/.."
work_dir=${WORK_DIR:-work_dirs/quickstart}
epochs=${EPOCHS:-5}
config=configs/unik/unik_posetics_2d.py
begin=$SECONDS

say() { printf '\n[quickstart] %s\n' "$*"; }

say '1/5 environment'
bash tools/setup_env.sh
python=${VENV:-.venv}/bin/python
PATH=$(dirname "$python"):$PATH

say '2/5 data'
standin=0
if [ ! -e "${MMACTREP_DATA_ROOT:-data}/posetics/2d/store.json" ]; then
  standin=1
  export MMACTREP_DATA_ROOT=data/standin
  echo 'Posetics was not found: using a STAND-IN, procedurally generated motion in the same format.'
  echo 'Its results show that the software works; they say nothing about Posetics.'
  if [ ! -e data/standin/posetics/2d/store.json ]; then
    "$python" tools/data/make_standin.py --out data/standin/raw --train 900 --test 200 --workers 2 --motions \
      arm_circles bend clap drink hop jump jumping_jack kick lie_down phone_call pick_up punch push reach_up \
      run sit_down squat stand_up walk wave
    "$python" tools/data/convert_posetics.py --src data/standin/raw
  fi
fi
data=${MMACTREP_DATA_ROOT:-data}/posetics/2d
echo "data: $data"

# The short schedule: windows of 48 frames, small batches, a third of the learning rate, decayed once.
schedule=(
  train_cfg.max_epochs="$epochs" train_cfg.val_interval="$epochs"
  param_scheduler.milestones="[$((epochs - 1))]"
  train_dataloader.batch_size=16 optim_wrapper.optimizer.lr=0.03
  train_dataloader.dataset.pipeline.sample.length=48
)
# Clips of the stand-in have at most 64 frames.
window=()
((standin)) && window=(val_dataloader.dataset.pipeline.sample.length=64 test_dataloader.dataset.pipeline.sample.length=64)

say "3/5 training: $config for $epochs epochs, about five minutes on two cores"
rm -rf "$work_dir"
"$python" tools/train.py "$config" --amp --work-dir "$work_dir" --cfg-options "${schedule[@]}" ${window[@]+"${window[@]}"}
checkpoint=$work_dir/epoch_$epochs.pth

say '4/5 testing'
"$python" tools/test.py "$config" "$checkpoint" --work-dir "$work_dir" --dump "$work_dir/scores.npz" \
  ${window[@]+--cfg-options "${window[@]}"}

say '5/5 a rendered clip'
"$python" tools/analysis/browse_dataset.py --store "$data" --split val --count 1 --out "$work_dir/clips"

say "finished in $(((SECONDS - begin) / 60)) min $(((SECONDS - begin) % 60)) s"
((standin)) && echo 'measured on the STAND-IN, not on Posetics:'
"$python" tools/analysis/fuse_scores.py "$work_dir/scores.npz" --out-dir "$work_dir/report"
echo
echo "checkpoint:       $checkpoint"
echo "log:              $(ls -d "$work_dir"/2*/*.log | tail -n 1)"
echo "confusion matrix: $work_dir/report/confusion_matrix.png"
echo "rendered clip:    $(ls "$work_dir"/clips/*.mp4)"
