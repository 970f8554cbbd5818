#include "lock.h"

_Thread_local volatile unsigned locks_held;
