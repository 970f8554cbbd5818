/* A JSON writer: knows commas, indentation and number forms, nothing of what is written. */
#ifndef TOOLS_JSON_H
#define TOOLS_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

typedef struct Json {
  Text *out;
  bool indented; /* two spaces a level, one member a line; else all on one line */
  unsigned depth;
  bool filled; /* the open object or array has a member already */
} Json;

/* key is NULL inside an array and at the top. Keys are trusted, values are quoted. */
void json_open(Json *json, const char *key, char bracket);
void json_close(Json *json, char bracket);
void json_u64(Json *json, const char *key, uint64_t value);
/* Shortest decimal form that reads back as the same double; what is not finite is written as 0. */
void json_f64(Json *json, const char *key, double value);
void json_bool(Json *json, const char *key, bool value);
void json_string(Json *json, const char *key, const char *value, size_t limit);

#endif
