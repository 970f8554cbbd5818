/* A thread that does one thing at a time when told, and otherwise sleeps on a condition variable: what "another thread" means
 * in tests whose order must be exact. */
#ifndef TESTS_ACTOR_H
#define TESTS_ACTOR_H

#include <pthread.h>
#include <stdbool.h>

typedef struct Actor {
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  void (*task)(void *);
  void *argument;
  bool busy, leave;
} Actor;

void actor_start(Actor *actor);

/* Runs task(argument) on the actor's thread and returns when it has ended. */
void actor_call(Actor *actor, void (*task)(void *), void *argument);

/* The same in two halves, for a caller that wants to do something meanwhile. */
void actor_begin(Actor *actor, void (*task)(void *), void *argument);
void actor_wait(Actor *actor);
bool actor_busy(Actor *actor);

/* Ends the thread (its thread-specific destructors have run when this returns). */
void actor_stop(Actor *actor);

#endif
