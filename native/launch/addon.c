/* launch for JavaScript: build/launch.node, which src/lib/launch/launcher.ts loads and describes. */
#include <errno.h>
#include <stdlib.h>

#include "launch.h"
#include "napi.h"

#define ARGUMENTS_MOST 3

typedef struct Call {
  napi_env env;
  napi_value arguments[ARGUMENTS_MOST];
} Call;

static Call call_of(napi_env env, napi_callback_info info) {
  Call call = {.env = env};
  size_t count = ARGUMENTS_MOST;
  napi_get_cb_info(env, info, &count, call.arguments, NULL, NULL);
  return call;
}

static napi_value number(napi_env env, int32_t value) {
  napi_value result = NULL;
  napi_create_int32(env, value, &result);
  return result;
}

static int32_t number_at(const Call *call, int i) {
  int32_t value = 0;
  napi_get_value_int32(call->env, call->arguments[i], &value);
  return value;
}

/* NULL where it is no string, or memory is exhausted. */
static char *string_of(napi_env env, napi_value value) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok) return NULL;
  char *text = malloc(length + 1);
  if (text) napi_get_value_string_utf8(env, value, text, length + 1, &length);
  return text;
}

static char **strings_of(napi_env env, napi_value array) {
  uint32_t length = 0;
  if (napi_get_array_length(env, array, &length) != napi_ok) return NULL;
  char **strings = calloc((size_t)length + 1, sizeof *strings);
  for (uint32_t i = 0; strings && i < length; i++) {
    napi_value element;
    if (napi_get_element(env, array, i, &element) != napi_ok || !(strings[i] = string_of(env, element))) return NULL;
  }
  return strings;
}

/* Lives until the process ends: it is started once. */
static bool plan_of(const Call *call, LaunchPlan *plan) {
  *plan = (LaunchPlan){number_at(call, 0), string_of(call->env, call->arguments[1]), strings_of(call->env, call->arguments[2])};
  return plan->words > 0 && plan->library && plan->variables;
}

static napi_value become(napi_env env, napi_callback_info info) {
  Call call = call_of(env, info);
  LaunchPlan plan;
  return number(env, plan_of(&call, &plan) ? launch_become(&plan) : EINVAL);
}

static napi_value run(napi_env env, napi_callback_info info) {
  Call call = call_of(env, info);
  LaunchPlan plan;
  int32_t pid = 0, status = plan_of(&call, &plan) ? launch_run(&plan, &pid) : -EINVAL;
  napi_value result = NULL;
  napi_create_object(env, &result);
  napi_set_named_property(env, result, "pid", number(env, pid));
  napi_set_named_property(env, result, "status", number(env, status));
  return result;
}

static napi_value end_by(napi_env env, napi_callback_info info) {
  Call call = call_of(env, info);
  launch_end_by(number_at(&call, 0));
  return NULL;
}

static napi_value gives_capabilities(napi_env env, napi_callback_info info) {
  Call call = call_of(env, info);
  char *path = string_of(env, call.arguments[0]);
  napi_value result = NULL;
  napi_get_boolean(env, path && launch_gives_capabilities(path), &result);
  free(path);
  return result;
}

/* Node calls it when the file is loaded. */
__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports);
napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  static const struct {
    const char *name;
    napi_callback function;
  } functions[] = {{"become", become}, {"run", run}, {"endBy", end_by}, {"givesCapabilities", gives_capabilities}};
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    napi_value function = NULL;
    napi_create_function(env, functions[i].name, (size_t)-1, functions[i].function, NULL, &function);
    napi_set_named_property(env, exports, functions[i].name, function);
  }
  return exports;
}
