# What the test scripts of this folder share; sourced with the script's own arguments.
#   $dump  the stats_dump under test    $build  where it and its objects are    $native  the folder of the sources
#   $work  a folder that is removed at the end    $out, $err  what the last stats_dump printed
set -u
given=${1:+$(readlink -e "$1")} || { echo "$1: not found" >&2; exit 2; }
cd "$(dirname "$0")" || exit 1
native=$(cd ../.. && pwd)
dump=${given:-$native/build/stats_dump}
[ -n "$given" ] || make -s -C "$native" || exit 1
build=$(dirname "$dump")
case $(basename "$build") in
  asan*) sanitize='-fsanitize=address,undefined' ;;
  tsan*) sanitize='-fsanitize=thread' ;;
  *) sanitize='' ;;
esac
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export TSLAB_DIR=$work/counters # not among those of programs at work
mkdir -m 700 "$TSLAB_DIR"
out=$work/out err=$work/err
passed=0 failed=0

# check NAME COMMAND…: passes when the command succeeds; what it prints is shown when it does not.
check() {
  local name=$1
  shift
  if "$@" > "$work/log" 2>&1; then
    passed=$((passed + 1))
    echo "PASS $name"
  else
    failed=$((failed + 1))
    echo "FAIL $name"
    sed 's/^/     /' "$work/log" | head -30
  fi
}

# exits CODE ARGUMENT…: runs stats_dump into $out and $err and expects the exit code. A run that hangs is a failure.
exits() {
  local expected=$1
  shift
  timeout 120 "$dump" "$@" > "$out" 2> "$err"
  local code=$?
  [ $code -eq "$expected" ] && return
  echo "stats_dump $*: expected exit code $expected, found $code"
  cat "$err"
  return 1
}

laws() { node laws.mjs "$@"; }
empty() { [ ! -s "$1" ] || { echo "expected nothing, found:"; head -5 "$1"; return 1; }; }
says() { grep -q -- "$2" "$1" || { echo "expected \"$2\", found:"; head -5 "$1"; return 1; }; }
# member EXPRESSION: the value of a JavaScript expression on s, the snapshot in $out. Exact only below 2^53.
member() { node -p "const s = JSON.parse(require('fs').readFileSync('$out', 'utf8')); $1"; }
is() { local found; found=$(member "$1"); [ "$found" = "$2" ] || { echo "$1: expected $2, found $found"; return 1; }; }

# start ARGUMENT…: stats_dump in the background, $pid passes signals on to it. A hang ends after a minute.
start() {
  env --default-signal=INT,TERM timeout --foreground -k 5 60 "$dump" "$@" > "$out" 2> "$err" &
  pid=$!
}
# ended CODE: waits for it and expects the exit code.
ended() {
  wait $pid
  local code=$?
  [ $code -eq "$1" ] || { echo "expected exit code $1, found $code"; cat "$err"; return 1; }
}
# has_lines FILE N: waits until it has, or the process has ended.
has_lines() { until [ "$(wc -l < "$1")" -ge "$2" ] || ! kill -0 $pid; do sleep 0.05; done; }

# compile OUTPUT SOURCE FLAG…: with the objects' sanitizers and the library.
compile() {
  local output=$1
  shift
  # shellcheck disable=SC2086
  ${CC:-gcc} -std=c11 -g -D_GNU_SOURCE -I"$native/include" $sanitize -o "$output" "$@" "$build/libtemporal_slab.a" -pthread
}

# Everything of stats_dump but its main.
emitters=()
for object in "$build"/tools/*.o; do case $object in */main.o) ;; *) emitters+=("$object") ;; esac done

finish() {
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
}
