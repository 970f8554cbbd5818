/* Epoch labels: cut between characters, refused when not UTF-8, 15 ids and an overflow, readable while others register. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "epoch.h"
#include "laws.h"
#include "random.h"
#include "utf8.h"

static SlabSnapshot snapshot;

static const char *label_of(SlabAllocator *alloc, EpochId epoch) {
  CHECK_RESULT(slab_stats_snapshot(alloc, &snapshot), SLAB_OK);
  laws_check_at_rest(&snapshot, NULL, NULL);
  return snapshot.epochs[epoch].label;
}

static void a_passing_label_takes_no_place(void) {
  SlabAllocator *alloc = slab_allocator_create();
  for (int i = 0; i < 100; i++) {
    char label[SLAB_LABEL_BYTES];
    snprintf(label, sizeof label, "12:00:%02d", i);
    CHECK_RESULT(epoch_set_passing_label(alloc, 0, label), SLAB_OK);
    CHECK_TEXT(label_of(alloc, 0), label);
    CHECK_U64(snapshot.epochs[0].label_id, 0);
  }
  CHECK_U64(snapshot.global.label_count, 1);
  CHECK_U64(snapshot.global.label_registry_overflows, 0);
  CHECK_RESULT(slab_epoch_set_label(alloc, 0, "request"), SLAB_OK);
  CHECK_U64((label_of(alloc, 0), snapshot.epochs[0].label_id), 1);
  CHECK_RESULT(epoch_set_passing_label(alloc, 0, "\xff"), SLAB_ERR_ARGUMENT);
  CHECK_RESULT(epoch_set_passing_label(alloc, 9, "never opened"), SLAB_ERR_CLOSED);
  slab_allocator_free(alloc);
}

static void a_label_is_kept_and_removed(void) {
  SlabAllocator *alloc = slab_allocator_create();
  CHECK_TEXT(label_of(alloc, 0), "");
  CHECK_U64(snapshot.epochs[0].label_id, 0);
  CHECK_U64(snapshot.global.label_count, 1);
  CHECK_RESULT(slab_epoch_set_label(alloc, 0, "request"), SLAB_OK);
  CHECK_TEXT(label_of(alloc, 0), "request");
  CHECK_U64(snapshot.epochs[0].label_id, 1);
  CHECK_TEXT(snapshot.global.labels[1], "request");
  CHECK_RESULT(slab_epoch_set_label(alloc, 0, NULL), SLAB_OK);
  CHECK_TEXT(label_of(alloc, 0), "");
  CHECK_U64(snapshot.epochs[0].label_id, 0);
  CHECK_RESULT(slab_epoch_set_label(alloc, 0, "request"), SLAB_OK);
  CHECK_RESULT(slab_epoch_set_label(alloc, 0, ""), SLAB_OK);
  CHECK_TEXT(label_of(alloc, 0), "");
  CHECK_U64(snapshot.global.label_count, 2); /* the registry remembers */
  slab_allocator_free(alloc);
}

static void bad_arguments_are_refused(void) {
  SlabAllocator *alloc = slab_allocator_create();
  CHECK_RESULT(slab_epoch_set_label(NULL, 0, "x"), SLAB_ERR_ARGUMENT);
  CHECK_RESULT(slab_epoch_set_label(alloc, SLAB_EPOCH_COUNT, "x"), SLAB_ERR_ARGUMENT);
  CHECK_RESULT(slab_epoch_set_label(alloc, EPOCH_INVALID, "x"), SLAB_ERR_ARGUMENT);
  CHECK_RESULT(slab_epoch_set_label(alloc, 3, "x"), SLAB_ERR_CLOSED); /* never opened: nothing to name */
  CHECK_TEXT(label_of(alloc, 0), "");
  CHECK_U64(snapshot.global.label_count, 1);
  slab_allocator_free(alloc);
}

/* For each kind of character: every number of plain bytes before it, so that it meets the limit at every offset. */
static void long_labels_are_cut_between_characters(void) {
  static const char *const characters[] = {"a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x90\x8c",
                                           "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf"};
  SlabAllocator *alloc = slab_allocator_create();
  for (size_t c = 0; c < sizeof characters / sizeof *characters; c++)
    for (size_t before = 0; before <= 33; before++) {
      char text[256] = "", expected[256];
      for (size_t i = 0; i < before; i++) strcat(text, "x");
      for (int i = 0; i < 20; i++) strcat(text, characters[c]);
      strcpy(expected, text);
      expected[utf8_cut(text, SLAB_LABEL_BYTES - 1)] = 0;
      if (!CHECK_RESULT(slab_epoch_set_label(alloc, 0, text), SLAB_OK)) return;
      CHECK_TEXT(label_of(alloc, 0), expected);
    }
  slab_allocator_free(alloc);
}

static void exactly_31_bytes_fit(void) {
  SlabAllocator *alloc = slab_allocator_create();
  CHECK_RESULT(slab_epoch_set_label(alloc, 0, "0123456789012345678901234567890"), SLAB_OK);
  CHECK_TEXT(label_of(alloc, 0), "0123456789012345678901234567890");
  CHECK_RESULT(slab_epoch_set_label(alloc, 0, "01234567890123456789012345678901"), SLAB_OK);
  CHECK_TEXT(label_of(alloc, 0), "0123456789012345678901234567890");
  CHECK_U64(snapshot.global.label_count, 2); /* cut alike, they are the same label */
  slab_allocator_free(alloc);
}

static void text_that_is_not_utf8_is_refused(void) {
  static const char *const bad[] = {
      "\x80", "\xbf", "a\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe2\x82", "\xe2(\xa1", "\xe0\x80\x80", "\xe0\x9f\xbf",
      "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80",
      "\xfe", "\xff", "ok then \xf0\x9f\x90", "\xf0\x9f\x90", "0123456789012345678901234567890\xff",
      "012345678901234567890123456789\xc3\xa9\xff", "0123456789012345678901234567890 and far beyond what is kept \xff"};
  SlabAllocator *alloc = slab_allocator_create();
  CHECK_RESULT(slab_epoch_set_label(alloc, 0, "before"), SLAB_OK);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    if (!CHECK_RESULT(slab_epoch_set_label(alloc, 0, bad[i]), SLAB_ERR_ARGUMENT))
      check_fail(__FILE__, __LINE__, "that was text number %zu", i);
    CHECK_TEXT(label_of(alloc, 0), "before");
  }
  CHECK_U64(snapshot.global.label_count, 2);
  slab_allocator_free(alloc);
}

/* Random bytes: what the tests' own decoder accepts is kept, cut where it says; all else is refused. */
static void random_bytes_agree_with_the_decoder(void) {
  SlabAllocator *alloc = slab_allocator_create();
  Random random = random_seeded(4);
  static const unsigned char lively[] = {'a', 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x90, 0x8c, 0xed, 0xa0, 0x80, 0xf4, 0xe0, 0xc0};
  char kept[SLAB_LABEL_BYTES] = "";
  unsigned accepted = 0;
  for (uint64_t i = 0; i < check_scaled(100000); i++) {
    char text[48];
    size_t length = 1 + random_below(&random, 5) * (random_below(&random, 4) ? 1 : 9);
    for (size_t b = 0; b < length; b++)
      text[b] = (char)(random_below(&random, 4) ? lively[random_below(&random, sizeof lively)] : 1 + random_below(&random, 255));
    text[length] = 0;
    bool valid = utf8_is_valid(text);
    accepted += valid;
    CHECK_RESULT(slab_epoch_set_label(alloc, 0, text), valid ? SLAB_OK : SLAB_ERR_ARGUMENT);
    if (valid) {
      size_t cut = utf8_cut(text, SLAB_LABEL_BYTES - 1);
      memcpy(kept, text, cut);
      kept[cut] = 0;
    }
    SlabEpochStats stats;
    CHECK_RESULT(slab_stats_epoch(alloc, 0, &stats), SLAB_OK);
    if (!CHECK_TEXT(stats.label, kept)) break;
  }
  CHECK(accepted > 100);
  slab_allocator_free(alloc);
}

/* What a terminal or a page would choke on is text all the same; it is the reader's to escape. */
static void control_characters_are_kept_as_they_are(void) {
  static const char *const texts[] = {"\x1b[31mred", "a\nb", "\"quoted\\\"", "<script>", "\t", "\x7f", "\xe2\x80\xaertl"};
  SlabAllocator *alloc = slab_allocator_create();
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    CHECK_RESULT(slab_epoch_set_label(alloc, 0, texts[i]), SLAB_OK);
    CHECK_TEXT(label_of(alloc, 0), texts[i]);
  }
  slab_allocator_free(alloc);
}

static void the_registry_overflows_to_id_0(void) {
  SlabAllocator *alloc = slab_allocator_create();
  char text[32];
  for (unsigned i = 1; i < SLAB_LABEL_COUNT; i++) {
    snprintf(text, sizeof text, "label-%u", i);
    CHECK_RESULT(slab_epoch_set_label(alloc, 0, text), SLAB_OK);
    CHECK_TEXT(label_of(alloc, 0), text);
    CHECK_U64(snapshot.epochs[0].label_id, i);
    CHECK_U64(snapshot.global.label_count, i + 1);
  }
  CHECK_U64(snapshot.global.label_registry_overflows, 0);
  for (unsigned i = 0; i < 3; i++) {
    snprintf(text, sizeof text, "late-%u", i);
    CHECK_RESULT(slab_epoch_set_label(alloc, 0, text), SLAB_OK);
    CHECK_TEXT(label_of(alloc, 0), text); /* the epoch still shows its own text */
    CHECK_U64(snapshot.epochs[0].label_id, 0);
    CHECK_U64(snapshot.global.label_count, SLAB_LABEL_COUNT);
    CHECK_U64(snapshot.global.label_registry_overflows, i + 1);
  }
  CHECK_RESULT(slab_epoch_set_label(alloc, 0, "label-7"), SLAB_OK); /* known ones still find their id */
  CHECK_TEXT(label_of(alloc, 0), "label-7");
  CHECK_U64(snapshot.epochs[0].label_id, 7);
  CHECK_U64(snapshot.global.label_registry_overflows, 3);
  slab_allocator_free(alloc);
}

static void a_new_incarnation_has_no_label(void) {
  SlabAllocator *alloc = slab_allocator_create();
  CHECK_RESULT(slab_epoch_set_label(alloc, 0, "first"), SLAB_OK);
  CHECK_RESULT(epoch_close(alloc, 0), SLAB_OK);
  CHECK_TEXT(label_of(alloc, 0), "first"); /* CLOSING ones keep it: who left this behind? */
  for (int i = 0; i < SLAB_EPOCH_COUNT; i++) {
    EpochId opened = epoch_advance(alloc);
    CHECK_TEXT(label_of(alloc, opened), "");
    CHECK_RESULT(epoch_close(alloc, opened), SLAB_OK);
  }
  CHECK_U64(snapshot.epochs[0].epoch_era, SLAB_EPOCH_COUNT + 1);
  slab_allocator_free(alloc);
}

typedef struct Race {
  SlabAllocator *alloc;
  unsigned number;
  _Atomic bool *stop;
} Race;

static const char *race_label(unsigned i, char text[64]) {
  snprintf(text, 64, "%u\xe2\x82\xac%u\xf0\x9f\x90\x8c-%u%u%u%u-long-enough-to-be-cut", i, i, i, i, i, i);
  return text;
}

static void *register_labels(void *argument) {
  Race *race = argument;
  char text[64];
  for (unsigned i = 0; !atomic_load(race->stop); i++)
    CHECK_RESULT(slab_epoch_set_label(race->alloc, i % 3, race_label((i * 7 + race->number) % 24, text)), SLAB_OK);
  return NULL;
}

/* No reader may see half a label, an id without its text, or two ids of one text. */
static void labels_are_readable_while_others_register(void) {
  SlabAllocator *alloc = slab_allocator_create();
  epoch_advance(alloc);
  epoch_advance(alloc);
  _Atomic bool stop = false;
  pthread_t threads[2];
  Race races[2];
  for (unsigned i = 0; i < 2; i++) {
    races[i] = (Race){alloc, i, &stop};
    pthread_create(&threads[i], NULL, register_labels, &races[i]);
  }
  char known[24][SLAB_LABEL_BYTES];
  for (unsigned i = 0; i < 24; i++) {
    char text[64];
    race_label(i, text);
    text[utf8_cut(text, SLAB_LABEL_BYTES - 1)] = 0;
    strcpy(known[i], text);
  }
  for (uint64_t round = 0; round < check_scaled(20000); round++) {
    CHECK_RESULT(slab_stats_snapshot(alloc, &snapshot), SLAB_OK);
    laws_check(&snapshot);
    for (unsigned id = 1; id < snapshot.global.label_count; id++) {
      bool found = false;
      for (unsigned i = 0; i < 24; i++) found |= strcmp(snapshot.global.labels[id], known[i]) == 0;
      if (!CHECK(found)) goto end;
      for (unsigned other = 1; other < id; other++) CHECK(strcmp(snapshot.global.labels[id], snapshot.global.labels[other]) != 0);
    }
    for (EpochId e = 0; e < 3 && !snapshot.global.torn; e++) {
      bool found = snapshot.epochs[e].label[0] == 0;
      for (unsigned i = 0; i < 24; i++) found |= strcmp(snapshot.epochs[e].label, known[i]) == 0;
      if (!CHECK(found)) goto end;
    }
  }
end:
  atomic_store(&stop, true);
  for (unsigned i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  CHECK_RESULT(slab_stats_snapshot(alloc, &snapshot), SLAB_OK);
  laws_check_at_rest(&snapshot, NULL, NULL);
  slab_allocator_free(alloc);
}

int main(void) {
  RUN(a_label_is_kept_and_removed);
  RUN(a_passing_label_takes_no_place);
  RUN(bad_arguments_are_refused);
  RUN(long_labels_are_cut_between_characters);
  RUN(exactly_31_bytes_fit);
  RUN(text_that_is_not_utf8_is_refused);
  RUN(random_bytes_agree_with_the_decoder);
  RUN(control_characters_are_kept_as_they_are);
  RUN(the_registry_overflows_to_id_0);
  RUN(a_new_incarnation_has_no_label);
  RUN(labels_are_readable_while_others_register);
  return check_finish();
}
