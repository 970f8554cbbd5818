#include "json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void start_line(Json *json) {
  if (!json->indented) return;
  text_add(json->out, "\n");
  for (unsigned i = 0; i < json->depth; i++) text_add_bytes(json->out, "  ", 2);
}

static void start_member(Json *json, const char *key) {
  if (json->filled) text_add(json->out, ",");
  if (json->depth) start_line(json);
  json->filled = true;
  if (!key) return;
  text_add_bytes(json->out, "\"", 1);
  text_add(json->out, key);
  text_add_bytes(json->out, "\": ", json->indented ? 3 : 2);
}

void json_open(Json *json, const char *key, char bracket) {
  start_member(json, key);
  text_add_bytes(json->out, &bracket, 1);
  json->depth++;
  json->filled = false;
}

void json_close(Json *json, char bracket) {
  json->depth--;
  if (json->filled) start_line(json);
  text_add_bytes(json->out, &bracket, 1);
  json->filled = true;
}

void json_u64(Json *json, const char *key, uint64_t value) {
  start_member(json, key);
  char digits[20], *at = digits + sizeof digits;
  /* Most of a snapshot is integers, and printf takes longer for them than the counters take to be read. */
  do *--at = (char)('0' + value % 10);
  while ((value /= 10) > 0);
  text_add_bytes(json->out, at, (size_t)(digits + sizeof digits - at));
}

void json_f64(Json *json, const char *key, double value) {
  start_member(json, key);
  if (!isfinite(value) || value == 0) {
    text_add_bytes(json->out, "0", 1);
    return;
  }
  /* The program never calls setlocale, so the decimal sign is a point whatever LC_ALL says. */
  char digits[32];
  for (int precision = 15; precision <= 17; precision++) {
    snprintf(digits, sizeof digits, "%.*g", precision, value);
    if (strtod(digits, NULL) == value) break;
  }
  text_add(json->out, digits);
}

void json_bool(Json *json, const char *key, bool value) {
  start_member(json, key);
  text_add(json->out, value ? "true" : "false");
}

void json_string(Json *json, const char *key, const char *value, size_t limit) {
  start_member(json, key);
  text_add(json->out, "\"");
  text_add_quoted(json->out, value, limit, TEXT_FOR_JSON);
  text_add(json->out, "\"");
}
