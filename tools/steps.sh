# Sourced by the scripts that install something: messages, the interpreter, and long steps that show they are alive.
# Set `label`, which is printed before each message, and `log`, the file of the steps' output, before calling them.

say() { printf '[%s] %s\n' "$label" "$*"; }
fail() { printf '[%s] error: %s\n' "$label" "$*" >&2; exit 1; }

# Print a script's opening comment for -h and --help, and stop at any other argument: usage SCRIPT [ARGUMENT ...]
usage() {
  local script=$1
  shift
  [ $# -gt 0 ] || return 0
  case $1 in
    -h | --help) sed -n '2,${/^#/!q;s/^# \{0,1\}//p;}' "$script"; exit 0 ;;
    *) printf '[%s] error: unknown argument %s: see bash %s --help\n' "$label" "$1" "$script" >&2; exit 2 ;;
  esac
}

# The first of the candidates that is Python 3.10 to 3.12.
find_python() {
  local candidate
  for candidate in "$@"; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  fail 'no Python 3.10 to 3.12 found; install one, or set PYTHON=...'
}

# Stop if the interpreter cannot make environments.
need_venv() {
  "$1" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "$1 cannot make environments; on Debian and Ubuntu: apt-get install python3-venv"
}

# Run a step with its output in the log, and print a line every half minute.
step() {
  local what=$1 begin=$SECONDS
  shift
  printf '== %s: %s\n' "$what" "$*" >>"$log"
  "$@" >>"$log" 2>&1 &
  running=$!
  while kill -0 "$running" 2>/dev/null; do
    sleep 1
    if (((SECONDS - begin) % 30 == 29)); then
      say "  $what: $((SECONDS - begin + 1)) s so far"
      sleep 1
    fi
  done
  if ! wait "$running"; then
    tail -n 25 "$log" >&2
    fail "$what failed; the whole log is $log"
  fi
  running=
  say "$what: $((SECONDS - begin)) s"
}
