/* The interface under measurement, chosen when the program is built: every workload calls it directly, as a user's program does.
 *
 *   Object              what a user keeps of an allocation to touch and to free it
 *   api_start, api_end  what a user does once per process; true when it worked
 *   api_alloc(size)     1 … 768 bytes; an Object whose ptr is NULL when refused
 *   api_free(object)    frees it
 *   api_alloc_any(size), api_free_any(object, size)   any size; a program that asks for more than 768 bytes knows it when it frees
 *   API_NAME            what the result is called
 */
#ifndef BENCH_API_H
#define BENCH_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include API_HEADER

#endif
