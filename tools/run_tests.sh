#!/usr/bin/env bash
# Set up the environment (once) and run the whole test suite: bash tools/run_tests.sh [arguments of pytest]
set -euo pipefail
cd "$(dirname "$0")/.."
# with what the tests of export, page and documentation need; without it they are skipped
export OPTIONAL=${OPTIONAL-mediapipe movenet text visual clip onnx serve docs}
bash tools/setup_env.sh --ops
venv=${VENV:-.venv}
"$venv/bin/python" -m ruff check .
"$venv/bin/python" -m ruff format --check .
# waiting threads must not spin, because the suite starts further processes
export OMP_WAIT_POLICY=PASSIVE
exec "$venv/bin/python" -m pytest "$@"
