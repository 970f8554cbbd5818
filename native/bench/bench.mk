# The benchmark's program, once per interface and pass: build/bench/{epoch,inline,pointer,inline-pointer,malloc,floor}{,-latency}. Part of native/Makefile.
BENCH_APIS := epoch inline pointer inline-pointer malloc floor
BENCH_SRC  := $(wildcard bench/*.c)
BENCH_BIN  := $(foreach api,$(BENCH_APIS),$(OUT)/bench/$(api) $(OUT)/bench/$(api)-latency) $(OUT)/bench/usage

# Linked as the peers are: the library is a shared one, a call goes the same way. Where hot paths are compiled in (inline…), the slow ones are such calls.
# malloc and free are calls, not something the compiler knows about.
define BENCH_PROGRAM
$(OUT)/bench-obj/$(1)$(2)/%.o: bench/%.c
	@mkdir -p $$(@D)
	@echo "$$(CC) $$@"
	@$$(CC) $$(ALL_CFLAGS) -fno-builtin -Ibench -Itools -DAPI_HEADER='"api_$(subst -,_,$(1)).h"' $(3) -c -o $$@ $$<
$(OUT)/bench/$(1)$(2): $(BENCH_SRC:bench/%.c=$(OUT)/bench-obj/$(1)$(2)/%.o) $(OUT)/libtemporal_slab.so
	@mkdir -p $$(@D)
	$$(CC) -o $$@ $$(filter %.o,$$^) -L$(OUT) -ltemporal_slab $$(ALL_LDFLAGS) -lm -Wl,-rpath,'$$$$ORIGIN/..'
-include $(wildcard $(OUT)/bench-obj/$(1)$(2)/*.d)
endef
$(foreach api,$(BENCH_APIS),$(eval $(call BENCH_PROGRAM,$(api),,))$(eval $(call BENCH_PROGRAM,$(api),-latency,-DBENCH_LATENCY)))

$(OUT)/bench/usage: bench/programs/usage.c
	@mkdir -p $(@D)
	$(CC) $(WARN) $(OPT) -D_GNU_SOURCE -o $@ $<

.PHONY: bench
bench: all $(BENCH_BIN)
