# Small programs, each for one way in which a replaced malloc goes wrong. They pass without the library too: it must not be noticed.

compile_hazards() {
  local source name
  for source in hazards/*.c hazards/*.cc; do
    name=$(basename "${source%.*}")
    case $name in
      own_copy) compile "$source" "$build/$name" -I"$native/include" "$native/build/libtemporal_slab.a" ;;
      plugin | dlsym_allocates) compile "$source" "$build/$name.so" -shared -fPIC ;;
      *) compile "$source" "$build/$name" ;;
    esac || return
  done
}

hazard() { # hazard SETTING NAME ARGUMENT…
  local setting=$1 name=$2 code
  shift 2
  forget
  under "$setting" "$build/$name" "$@"
  code=$?
  [ $code = 0 ] || { echo "exit code $code"; return 1; }
  [ "$setting" = without ] || counted 1
}

# After all threads are gone none may be left in the books.
no_thread_left() {
  forget
  under "$1" "$build/$2" || return
  local line
  line=$(for file in "$TSLAB_WITNESS"/*; do "$build/counters" "$file" | head -1; done)
  say "$line"
  is "$(value threads "$line")" 1
}

wrong_free() { # wrong_free SETTING WHICH COUNTER VALUE
  forget
  under "$1" "$build/invalid" "$2" || return
  local line
  line=$("$build/counters" "$TSLAB_WITNESS"/*) || return
  is "$(value "$3" "$line")" "$4"
}

foreign_free_aborts() {
  under "$1" bash -c "ulimit -c 0; exec '$build/invalid' stack" > /dev/null 2> "$work/aborted"
  is $? 134 && cat "$work/aborted" && grep -q 'invalid pointer' "$work/aborted"
}

# The counter file says who it is of, is there from the first allocation on, and gone at the end.
names_itself() {
  forget
  under plain "$build/early" || return
  is "$(value name "$("$build/counters" "$TSLAB_WITNESS"/*)")" early || return
  is "$(ls "$TSLAB_DIR")" "" || return
  forget
  under plain TSLAB_NAME='a service' "$build/early" || return
  "$build/counters" "$TSLAB_WITNESS"/* | grep -q 'name=a service live=0'
}

# A program with the library in it: each copy has a file, in the process and in its child.
two_copies() {
  begin '' 3 "$build/own_copy" || return
  ls "$TSLAB_DIR" > "$work/files"
  cat "$work/out" "$work/files"
  local result=0 its
  is "$(grep -c tslab "$work/files")" 4 || result=1
  for its in $(grep tslab "$work/out"); do grep -qx "${its##*/}" "$work/files" || result=1; done
  end && [ $result = 0 ] && is "$(ls "$TSLAB_DIR")" ""
}

# Without a place for its file it serves all the same.
without_file() {
  for directory in /dev/null/none /proc /dev/full; do
    TSLAB_DIR=$directory under sliced "$build/threads" || return
  done
  under sliced TSLAB_COUNTERS=off "$build/interface"
}

only_allocation_functions_seen() {
  nm -D --defined-only "$(library default)" | awk '{print $3}' | sort | tr '\n' ' ' > "$work/symbols"
  is "$(cat "$work/symbols")" "aligned_alloc calloc free free_aligned_sized free_sized malloc malloc_usable_size memalign posix_memalign pvalloc realloc reallocarray valloc "
}

beside() { BESIDE=$build/dlsym_allocates.so hazard "$1" interface; }

hazards_tests() {
  need g++ /usr/bin/g++ || return
  local setting name
  check "hazards/symbols" only_allocation_functions_seen
  check "hazards/name" names_itself
  check "hazards/no-file" without_file
  check "hazards/two-copies" two_copies
  for setting in without plain sliced ubsan; do
    for name in interface early late operators threads forks signals fork_in_handler cancel descriptors; do
      check "hazards/$setting/$name" hazard $setting $name
    done
    check "hazards/$setting/plugins" hazard $setting plugins "$build/plugin.so"
    [ $setting = without ] && continue
    check "hazards/$setting/dlsym-allocates" beside $setting
    check "hazards/$setting/threads-gone" no_thread_left $setting threads
    check "hazards/$setting/late-threads-gone" no_thread_left $setting late
    check "hazards/$setting/free-twice" wrong_free $setting twice invalid 1
    check "hazards/$setting/free-inside" wrong_free $setting inside foreign 2
    check "hazards/$setting/free-stack" foreign_free_aborts $setting
  done
}
