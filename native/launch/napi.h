/* What launch uses of Node-API, which is stable across Node's versions (version 1). Node's headers are not installed with every Node. */
#ifndef LAUNCH_NAPI_H
#define LAUNCH_NAPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_callback_info__ *napi_callback_info;
typedef enum { napi_ok } napi_status;
typedef napi_value (*napi_callback)(napi_env env, napi_callback_info info);

napi_status napi_create_function(napi_env, const char *name, size_t length, napi_callback, void *data, napi_value *result);
napi_status napi_create_object(napi_env, napi_value *result);
napi_status napi_set_named_property(napi_env, napi_value object, const char *name, napi_value value);
napi_status napi_get_cb_info(napi_env, napi_callback_info, size_t *count, napi_value *arguments, napi_value *self, void **data);
napi_status napi_get_array_length(napi_env, napi_value array, uint32_t *length);
napi_status napi_get_element(napi_env, napi_value array, uint32_t index, napi_value *result);
napi_status napi_get_value_string_utf8(napi_env, napi_value, char *out, size_t bytes, size_t *length);
napi_status napi_get_value_int32(napi_env, napi_value, int32_t *result);
napi_status napi_create_int32(napi_env, int32_t value, napi_value *result);
napi_status napi_get_boolean(napi_env, bool value, napi_value *result);

#endif
