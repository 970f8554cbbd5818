#include "actor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *actor_main(void *self) {
  Actor *actor = self;
  pthread_mutex_lock(&actor->lock);
  for (;;) {
    while (!actor->busy && !actor->leave) pthread_cond_wait(&actor->changed, &actor->lock);
    if (!actor->busy) break;
    pthread_mutex_unlock(&actor->lock);
    actor->task(actor->argument);
    pthread_mutex_lock(&actor->lock);
    actor->busy = false;
    pthread_cond_broadcast(&actor->changed);
  }
  pthread_mutex_unlock(&actor->lock);
  return NULL;
}

void actor_start(Actor *actor) {
  memset(actor, 0, sizeof *actor);
  pthread_mutex_init(&actor->lock, NULL);
  pthread_cond_init(&actor->changed, NULL);
  int error = pthread_create(&actor->thread, NULL, actor_main, actor);
  if (error) {
    fprintf(stderr, "pthread_create: %s\n", strerror(error));
    exit(1);
  }
}

void actor_begin(Actor *actor, void (*task)(void *), void *argument) {
  pthread_mutex_lock(&actor->lock);
  actor->task = task;
  actor->argument = argument;
  actor->busy = true;
  pthread_cond_broadcast(&actor->changed);
  pthread_mutex_unlock(&actor->lock);
}

void actor_wait(Actor *actor) {
  pthread_mutex_lock(&actor->lock);
  while (actor->busy) pthread_cond_wait(&actor->changed, &actor->lock);
  pthread_mutex_unlock(&actor->lock);
}

bool actor_busy(Actor *actor) {
  pthread_mutex_lock(&actor->lock);
  bool busy = actor->busy;
  pthread_mutex_unlock(&actor->lock);
  return busy;
}

void actor_call(Actor *actor, void (*task)(void *), void *argument) {
  actor_begin(actor, task, argument);
  actor_wait(actor);
}

void actor_stop(Actor *actor) {
  pthread_mutex_lock(&actor->lock);
  actor->leave = true;
  pthread_cond_broadcast(&actor->changed);
  pthread_mutex_unlock(&actor->lock);
  pthread_join(actor->thread, NULL);
  pthread_cond_destroy(&actor->changed);
  pthread_mutex_destroy(&actor->lock);
}
