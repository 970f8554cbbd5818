/* Prints a snapshot such as only a hostile or broken process would have: "json" or "text" on standard output. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../emit.h"

int main(int argc, char **argv) {
  static SlabSnapshot snapshot;
  memset(&snapshot, 0xff, sizeof snapshot);
  snapshot.global.torn = snapshot.global.ever_closed = snapshot.global.label_contention = true;
  snapshot.global.live = false;
  snapshot.global.rss_known = true;
  snapshot.global.counter_file = "\x1b[2J";
  for (int i = 0; i < SLAB_CLASS_COUNT; i++) {
    snapshot.classes[i].lock_contention_rate = (double[]){NAN, INFINITY, -INFINITY, 1.0 / 3, 1e300, 5e-324, 0.1, 1e22}[i];
    snapshot.classes[i].recycle_rate_pct = snapshot.classes[i].avg_alloc_cas_retries_per_attempt = NAN;
  }
  static const char *const labels[] = {"quote\" back\\slash <b>&amp;", "\x1b[31mred\x1b[0m \x07\x7f", "line\nfeed\ttab", "cut \xe2\x82", "\xc2\x9b" "31m \xe2\x80\xae" "rtl",
                                       "\xed\xa0\x80 \xf5\x80\x80\x80 \xc0\xaf", "\xf0\x9f\x98\x80 \xc3\xa9", "{{constructor}}"};
  for (int i = 0; i < SLAB_EPOCH_COUNT; i++) {
    SlabEpochStats *epoch = &snapshot.epochs[i];
    epoch->state = (SlabEpochState)i;
    if (i < 8) memcpy(epoch->label, labels[i], strlen(labels[i]) + 1); /* the others are 32 bytes of 0xff and no NUL */
  }
  memcpy(snapshot.global.longest_epoch_close.label, labels[1], strlen(labels[1]) + 1);
  Text out = {0};
  if (argc > 1 && strcmp(argv[1], "json") == 0)
    emit_json(&snapshot, false, &out);
  else
    emit_text(&snapshot, &out);
  fwrite(out.bytes, 1, out.length, stdout);
  text_free(&out);
  return 0;
}
