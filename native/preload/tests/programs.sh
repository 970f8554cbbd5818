# Real programs, each with a check of its own. Where it prints a result, the result without the library is the expected one.

# counted_live PID [LEAST]: what a running process has counted.
counted_live() {
  local file line
  file=$(live_file "$1")
  line=$("$build/counters" "$file" | head -1) || return
  say "$(value allocs "$line") allocations, $(value threads "$line") threads"
  is "$(value unpublished "$line")" 0 && [ "$(value allocs "$line")" -ge "${2:-1000}" ]
}

# listening PORT: waits for it.
listening() {
  for _ in $(seq 300); do
    (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null && return
    sleep 0.1
  done
  echo "nobody listens on $1"
  return 1
}
a_port() { /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# start SETTING PROGRAM ARGUMENT…: in the background; its pid is $pid.
start() {
  local lib
  lib=$(library default)
  forget
  LD_PRELOAD=$lib TSLAB_EPOCH=$([ "$1" = sliced ] && echo 100ms) "${@:2}" > "$work/server" 2>&1 &
  pid=$!
  started+=("$pid")
}
stop() {
  kill "$pid"
  wait "$pid"
  local code=$?
  [ $code = 0 ] || [ $code = 143 ] || { echo "ended with $code"; cat "$work/server"; return 1; }
}

# same_output SETTING NAME LEAST COMMAND…: prints what it prints without the library, and allocated at least LEAST times from it.
same_output() {
  local setting=$1 expected=$work/expected-$2 least=$3
  shift 3
  [ -e "$expected" ] || under without "$@" > "$expected" || return
  forget
  under "$setting" "$@" > "$work/found" || { echo "exit code $?"; return 1; }
  cmp "$work/found" "$expected" && counted "$least"
}

sqlite_works() {
  rm -f "$work"/database*
  same_output "$1" sqlite 100000 bash -c "rm -f '$work/database'; exec /usr/bin/sqlite3 '$work/database' < programs/workload.sql" && is "$(tail -1 "$work/found")" ok
}

[ $long ] && PYTHON_TESTS='test_dict test_list test_set test_json test_re test_unicode test_gc test_weakref test_threading test_thread test_subprocess test_fork1 test_os test_zlib
  test_pickle test_ctypes test_queue test_mmap test_signal test_tracemalloc test_io test_collections test_generators' ||
  PYTHON_TESTS='test_dict test_list test_json test_weakref test_threading test_fork1 test_subprocess test_zlib test_ctypes'
python_tests_pass() { # SETTING: by malloc for every object
  forget
  mkdir -p "$work/python"
  # shellcheck disable=SC2086
  (cd "$work/python" && under "$1" PYTHONMALLOC=malloc /usr/bin/python3.11 -m test --timeout 200 -j2 $PYTHON_TESTS) > "$work/python.log" 2>&1
  local code=$?
  tail -15 "$work/python.log"
  is $code 0 && counted 1000000 && say "$(grep -a 'tests OK' "$work/python.log"); $(cat "$work/said")"
}

gcc_compiles() {
  local source=$work/large.c
  [ -e "$source" ] || /usr/bin/python3 - $([ $long ] && echo 1000 || echo 250) > "$source" << 'PYTHON'
import sys
count = int(sys.argv[1])
print("struct s { int a, b; double c; char text[40]; };")
for i in range(count):
    print(f"static double f{i}(struct s *p, int n) {{ for (int i = 0; i < n; i++) {{ p[i].a += i * {i} ^ p[i].b; p[i].c += p[i].a / {i + 1}.0; "
          f"if (p[i].text[i % 40] == {i % 128}) p[i].b++; else switch (p[i].a % 5) {{ case 0: p[i].c *= 2; break; case 1: p[i].b -= {i}; break; default: p[i].text[3]++; }} }} return p[0].c; }}")
print("double all(struct s *p, int n) { return 0" + "".join(f" + f{i}(p, n)" for i in range(count)) + "; }")
PYTHON
  [ -e "$work/large.expected.s" ] || gcc -O1 -S -o "$work/large.expected.s" "$source" || return
  forget
  under "$1" gcc -O1 -S -o "$work/large.s" "$source" && cmp "$work/large.s" "$work/large.expected.s" && counted 500000
}

memcached_serves() {
  local port
  port=$(a_port)
  start "$1" /usr/bin/memcached -u nobody -l 127.0.0.1 -p "$port" -U 0 -t 4 -m 32
  listening "$port" && /usr/bin/python3 programs/workload.py "$port" 5 && counted_live "$pid" 100 && stop
}

nginx_serves() {
  local port
  port=$(a_port)
  mkdir -p "$work/nginx/logs" "$work/nginx/html"
  head -c 20000 /usr/bin/perl > "$work/nginx/html/file"
  cat > "$work/nginx/conf" << NGINX
daemon off; worker_processes 2; pid $work/nginx/pid; error_log $work/nginx/logs/error; user root;
events { worker_connections 256; }
http { access_log off; gzip on; gzip_types *; gzip_min_length 1; server { listen 127.0.0.1:$port; root $work/nginx/html; } }
NGINX
  start "$1" /usr/sbin/nginx -p "$work/nginx" -e "$work/nginx/logs/error" -c "$work/nginx/conf"
  listening "$port" || return
  ab -q -n 20000 -c 20 -H 'Accept-Encoding: gzip' "http://127.0.0.1:$port/file" > "$work/ab" 2>&1 || { cat "$work/ab"; return 1; }
  grep -E 'Complete|Failed|Non-2xx' "$work/ab"
  grep -q 'Failed requests: *0' "$work/ab" && grep -q 'Complete requests: *20000' "$work/ab" || return
  kill -HUP "$pid" # new workers, the old ones leave
  sleep 1
  /usr/bin/python3 -c "import urllib.request, sys; sys.exit(urllib.request.urlopen('http://127.0.0.1:$port/file').read() != open('$work/nginx/html/file', 'rb').read())" || return
  counted_live "$pid" 100 && say "20000 requests; master: $(cat "$work/said")" && is "$(grep -c alert "$work/nginx/logs/error")" 0 && stop
}

# Debian's redis-server is linked with libjemalloc and calls its functions by the C library's names: ours come first, jemalloc is the next allocator.
redis_serves() {
  local port
  port=$(a_port)
  mkdir -p "$work/redis"
  start "$1" /usr/bin/redis-server --port "$port" --bind 127.0.0.1 --dir "$work/redis" --save '' --appendonly no --daemonize no
  listening "$port" || { cat "$work/server"; return 1; }
  ask() { redis-cli -p "$port" "$@"; }
  redis-benchmark -p "$port" -q -n 20000 -r 5000 -c 20 -t set,get,lpush,lpop,sadd,hset,zadd,mset || return
  for i in $(seq 1 500); do echo "SET key:$i value-$i"; done | ask > /dev/null
  local before
  before=$(ask DEBUG DIGEST)
  ask BGSAVE
  for _ in $(seq 100); do ask INFO persistence | grep -q rdb_bgsave_in_progress:0 && break; sleep 0.1; done
  ask INFO persistence | grep -q rdb_last_bgsave_status:ok || return
  ask DEBUG RELOAD
  is "$(ask DEBUG DIGEST)" "$before" && is "$(ask GET key:77)" value-77 && counted_live "$pid" 100000 && stop
}

# This project's own unit tests, in node under the library.
unit_tests_pass() { # SETTING
  local root part=test/lib/analysis
  root=$(cd "$native/.." && pwd)
  [ $long ] && part=test/lib
  forget
  (cd "$root" && NO_COLOR=1 under "$1" "$(command -v node)" node_modules/vitest/vitest.mjs run $part) > "$work/vitest" 2>&1
  local code=$?
  tail -15 "$work/vitest"
  is $code 0 && counted 100000 && say "$(grep -a '^ *Tests' "$work/vitest" | tr -s ' '); $(cat "$work/said")"
}

git_keeps() {
  local repository=$work/repository
  rm -rf "$repository"
  forget
  under "$1" HOME="$work" bash -ec '
    git init -q '"$repository"' && cd '"$repository"'
    git config user.name somebody && git config user.email some@body && git config gc.auto 0
    for i in $(seq 60); do
      mkdir -p "d$((i % 7))" && seq $((i * 13)) $((i * 50)) > "d$((i % 7))/f$((i % 11))" && git add . && git commit -qm "change $i"
    done
    git checkout -q -b other HEAD~20 && echo text > other && git add . && git commit -qm other && git merge -q -m merged master
    git gc -q --aggressive --prune=now && git fsck --full --strict && git log --stat > /dev/null && git blame d1/f1 > /dev/null
    git clone -q . ../clone-$$ && rm -rf ../clone-$$' || return
  counted 10000
}

programs_tests() {
  local setting
  need python3.11 /usr/bin/python3.11 && need libpython3.11-testsuite /usr/lib/python3.11/test/test_dict.py || return
  for setting in plain sliced ubsan asan; do
    need sqlite3 /usr/bin/sqlite3 && check "programs/$setting/sqlite3" sqlite_works $setting
    need perl /usr/bin/perl && check "programs/$setting/perl" same_output $setting perl 100000 /usr/bin/perl programs/workload.pl
  done
  for setting in ${long:+plain} sliced; do
    need gcc /usr/bin/gcc && check "programs/$setting/gcc" gcc_compiles $setting
    need git /usr/bin/git && check "programs/$setting/git" git_keeps $setting
    check "programs/$setting/node" same_output $setting node 100000 "$(command -v node)" programs/workload.mjs
    check "programs/$setting/unit-tests" unit_tests_pass $setting
    need memcached /usr/bin/memcached && check "programs/$setting/memcached" memcached_serves $setting
    need nginx-light /usr/sbin/nginx && need apache2-utils /usr/bin/ab && check "programs/$setting/nginx" nginx_serves $setting
    need redis-server /usr/bin/redis-server && check "programs/$setting/redis-server" redis_serves $setting
    check "programs/$setting/python3" python_tests_pass $setting
  done
}
