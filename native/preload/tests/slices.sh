# Slices of time: what is labelled, what is kept, what is found.

compile_slices() {
  compile leak.c "$build/leak" && compile drip.c "$build/drip" && compile long_life.c "$build/long_life" &&
    compile fast_clock.c "$build/fast_clock.so" -shared -fPIC &&
    compile ageing.c "$build/ageing" -I"$native/include" -I"$native/src" ../ageing.c
}

# begin SLICE LINES PROGRAM ARGUMENT…: runs it in the background until it has said so many lines; its output goes to $work/out, its file to $file.
begin() {
  local slice=$1 lines=$2
  shift 2
  forget
  rm -f "$work/in" && mkfifo "$work/in"
  LD_PRELOAD=${FIRST:+$FIRST:}$(library default) TSLAB_EPOCH=$slice "$@" < "$work/in" > "$work/out" &
  pid=$!
  started+=("$pid")
  exec 9> "$work/in"
  for _ in $(seq 1200); do
    [ "$(wc -l < "$work/out")" -ge "$lines" ] && break
    grep -q '^end' "$work/out" && break
    sleep 0.1
  done
  file=$(live_file $pid)
  [ "$file" ] || { echo "no counter file in $TSLAB_DIR: $(ls "$TSLAB_DIR")"; return 1; }
}
end() {
  exec 9>&-
  wait "$pid"
}

# The second in which the objects were forgotten is the one whose epoch still holds them, once all else is gone.
leak_is_found() { # SLICE SECONDS_BEFORE SECONDS_AFTER LABEL_PATTERN with @ for the second
  local second found
  begin "$1" 2 "$build/leak" "$2" "$3" || return
  second=$(head -1 "$work/out")
  "$build/counters" "$file" 128 | tee "$work/read"
  end || return
  is "$(value of_class "$(head -1 "$work/read")")" 5000 || return
  found=$(grep '^epoch' "$work/read" | sort -t= -k5 -n | awk '{split($4, live, "="); if (live[2] >= 5000) print}')
  say "leaked in $second; found: $found"
  [[ $found =~ label=${4//@/$second}$ ]] || { echo "expected the objects of $second, found: $found"; return 1; }
}

# A slice for every 10 ms, something left in each: nothing is lost, none is refused, the labels leave no gap, the young are fine and the old coarse.
ring_lasts() { # SECONDS
  local count live line
  begin 10ms 1 "$build/drip" "$1" || return
  count=$(cat "$work/out")
  "$build/counters" "$file" 256 > "$work/read"
  end || return
  line=$(head -1 "$work/read")
  cat "$work/read"
  say "$(value advances "$line") slices, $(grep -c '^epoch.*live=[1-9]' "$work/read") epochs hold $(value of_class "$line") objects of $count"
  # Times are no labels that come back: the registry is the program's.
  is "$(value labels "$line")" 1 && is "$(value unlabelled "$line")" 0 || return
  is "$(value refused "$line")" 0 && [ "$(value of_class "$line")" -ge "$count" ] && [ "$(value of_class "$line")" -lt $((count + 50)) ] || return
  [ "$(value advances "$line")" -gt $((50 * $1)) ] || { echo "expected more than 50 slices a second"; return 1; }
  live=$(grep -c '^epoch.*live=[1-9]' "$work/read")
  [ "$live" -ge 10 ] && [ "$live" -le 14 ] || { echo "expected 10 to 14 epochs that hold objects, found $live"; return 1; }
  # The sum over epochs is the whole.
  is "$(awk '/^epoch/ {split($4, l, "="); n += l[2]} END {print n}' "$work/read")" $(($(value allocs "$line") - $(value frees "$line")))
}

# Hours of a program that forgets something every minute: every span holds what was forgotten in it, the young are fine, the old coarse.
ages_well() { # HOURS SLICE_SEC
  FIRST=$build/fast_clock.so CLOCK_SPEED=5760 begin "$2s" 1000000 "$build/long_life" "$1" "$2" || return
  "$build/counters" "$file" > "$work/read"
  end || return
  /usr/bin/python3 long_life.py "$work/out" "$work/read" "$2" | tee "$work/verdict"
  [ "${PIPESTATUS[0]}" = 0 ] && say "$(tail -1 "$work/verdict")"
}

# Off, or not understood: one epoch for everything.
off() {
  local setting
  for setting in '' off 0s 5ms 1 s 1.5s -1s 25h 99999999999999999999s '1s '; do
    forget
    LD_PRELOAD="$build/witness.so:$(library default)" TSLAB_EPOCH=$setting "$build/early" || return
    is "$("$build/counters" "$TSLAB_WITNESS"/* | grep -c '^epoch=0 era=1 state=ACTIVE live=[0-9]* label=$')" 1 || { echo "setting \"$setting\""; return 1; }
  done
}

slices_tests() {
  check "slices/ageing" "$build/ageing"
  check "slices/off" off
  check "slices/leak-1s" leak_is_found 1s 2 3 '@'
  check "slices/leak-100ms" leak_is_found 100ms 2 1 '@\.[3-9]00'
  check "slices/leak-in-old-slices" leak_is_found 10ms 1 8 '@.*'
  check "slices/ring-lasts" ring_lasts $([ $long ] && echo 20 || echo 8)
  check "slices/ages-well" ages_well 8 20
  [ $long ] && check "slices/ages-well-for-a-week" ages_well 168 60
  true
}
