#!/usr/bin/env bash
# Set up the environment (once) and run the whole test suite: bash tools/run_tests.sh [arguments of pytest]
#
#   WORKERS    processes that share the tests (default: one a core, at most 8)
set -euo pipefail
cd "$(dirname "$0")/.."
# with what the tests of export, page and documentation need; without it they are skipped
export OPTIONAL=${OPTIONAL-mediapipe movenet text visual clip onnx serve docs tensorboard}
bash tools/setup_env.sh --ops
venv=${VENV:-.venv}
"$venv/bin/python" -m ruff check .
"$venv/bin/python" -m ruff format --check .
cores=$("$venv/bin/python" -c 'import os; print(min(8, len(os.sched_getaffinity(0))))')
# one thread a worker; waiting threads must not spin, because the suite starts further processes
export OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=1
# worksteal: tests stay in the order of their files, so that fixtures are made once, until a worker runs out of them
exec "$venv/bin/python" -m pytest -n "${WORKERS:-$cores}" --dist worksteal "$@"
