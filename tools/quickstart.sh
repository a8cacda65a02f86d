#!/usr/bin/env bash
# From a fresh machine to a trained and tested UNIK:
#   bash tools/quickstart.sh
# creates .venv (once), generates and converts a stand-in for Posetics (once), trains
# configs/unik/unik_posetics_2d.py on it by a short recipe (configs/_overlays_/quickstart.py), tests the checkpoint on
# performers that were not trained on, and renders a clip.
# If real Posetics has been converted to data/posetics/2d (or $MMACTREP_DATA_ROOT/posetics/2d), it is used instead.
#
#   WORK_DIR   output folder (default: work_dirs/quickstart)
#   EPOCHS     number of epochs (default: 15)
set -euo pipefail
cd "$(dirname "$0")/.."
work_dir=${WORK_DIR:-work_dirs/quickstart}
epochs=${EPOCHS:-15}
config=configs/unik/unik_posetics_2d.py
begin=$SECONDS
label=quickstart
. tools/steps.sh
usage tools/quickstart.sh "$@"

say() { printf '\n[%s] %s\n' "$label" "$*"; }

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
    "$python" tools/data/make_standin.py --out data/standin/raw --train 1500 --test 300 --workers 2 --overwrite --motions \
      arm_circles bend clap drink hop jump jumping_jack kick lie_down phone_call pick_up punch push reach_up \
      run sit_down squat stand_up walk wave
    "$python" tools/data/convert_posetics.py --src data/standin/raw
  fi
fi
data=${MMACTREP_DATA_ROOT:-data}/posetics/2d
echo "data: $data"

say "3/5 training: $config for $epochs epochs, a few minutes on two cores"
rm -rf "$work_dir"
"$python" tools/train.py "$config" --with quickstart --epochs "$epochs" --work-dir "$work_dir"
checkpoint=$work_dir/epoch_$epochs.pth
log=$(ls -d "$work_dir"/2*/*.log | tail -n 1)

say '4/5 testing'
"$python" tools/test.py "$config" "$checkpoint" --with quickstart --work-dir "$work_dir/test" --dump "$work_dir/scores.npz"

say '5/5 a rendered clip'
"$python" tools/analysis/browse_dataset.py --store "$data" --split val --whole --count 1 --out "$work_dir/clips"

say "finished in $(((SECONDS - begin) / 60)) min $(((SECONDS - begin) % 60)) s"
((standin)) && echo 'measured on the STAND-IN, not on Posetics:'
"$python" tools/analysis/fuse_scores.py "$work_dir/scores.npz" --out-dir "$work_dir/report"
echo
echo "checkpoint:       $checkpoint"
echo "log:              $log"
echo "confusion matrix: $work_dir/report/confusion_matrix.png"
echo "rendered clip:    $(ls "$work_dir"/clips/*.mp4)"
