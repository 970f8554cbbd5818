/* The tests' own checks: no framework, one line per test, every failure with file, line, expected and found.
 * All checks may be called from any thread; RUN and check_finish from main's only. */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "temporal_slab.h"

#define CHECK(condition) check_that((condition), __FILE__, __LINE__, #condition)
#define CHECK_U64(found, expected) check_u64((found), (expected), __FILE__, __LINE__, #found)
#define CHECK_RESULT(found, expected) check_result((found), (expected), __FILE__, __LINE__, #found)
#define CHECK_TEXT(found, expected) check_text((found), (expected), __FILE__, __LINE__, #found)

/* Runs one test and prints PASS or FAIL with its name. */
#define RUN(test) check_run(#test, (test))

/* Each returns whether the check held, so that a test can stop where going on makes no sense. */
bool check_that(bool held, const char *file, int line, const char *what);
bool check_u64(uint64_t found, uint64_t expected, const char *file, int line, const char *what);
bool check_result(SlabResult found, SlabResult expected, const char *file, int line, const char *what);
bool check_text(const char *found, const char *expected, const char *file, int line, const char *what);

/* A failure in the caller's own words (printf style). */
void check_fail(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

void check_run(const char *name, void (*test)(void));

/* Failed checks of the whole program so far. */
uint64_t check_failures(void);

/* n, or less where the environment's TEST_SCALE_PCT (1 … 100, default 100) says that this run is a slow one; at least 1. */
uint64_t check_scaled(uint64_t n);

/* Prints "N passed, N failed" and gives main's exit status. */
int check_finish(void);

#endif
