#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "words.h"

/* What people and supervisors send to a program that is at work. SIGTSTP stops this process by way of the child alone, and only if it stops the child. */
static const int PASSED_ON[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH, SIGTSTP, SIGCONT};
#define PASSED_ON_COUNT (sizeof PASSED_ON / sizeof *PASSED_ON)

/* Node makes pipes non-blocking, and with them the program's, which are the same ones. */
static void make_pipes_blocking(void) {
  for (int fd = 0; fd <= 2; fd++) {
    struct stat st;
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0 && (flags & O_NONBLOCK) && fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode))) fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
  }
}

/* Node marks the descriptors that it was given, up to this one at least, to be closed by exec. */
#define MARKED_LAST 15

/* Of descriptors above 2, Node's own are epoll and the like, pipes to itself, and /dev/null. */
static bool was_given(int fd) {
  struct stat st, other;
  if (fd <= 2) return true;
  if (fstat(fd, &st) != 0) return false;
  if (S_ISCHR(st.st_mode)) return st.st_rdev != makedev(1, 3);
  if (!S_ISFIFO(st.st_mode)) return (st.st_mode & S_IFMT) != 0;
  for (int i = 0; i < 4 * MARKED_LAST; i++)
    if (i != fd && fstat(i, &other) == 0 && other.st_dev == st.st_dev && other.st_ino == st.st_ino) return false;
  return true;
}

static void hand_on_descriptors(void) {
  make_pipes_blocking();
  for (int fd = 0; fd <= MARKED_LAST; fd++)
    if (was_given(fd)) fcntl(fd, F_SETFD, 0);
}

/* Node ignores SIGPIPE and SIGXFSZ, and exec would keep that; handlers it resets by itself, but not before. */
static void reset_signals(void) {
  sigset_t none;
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

int launch_become(const LaunchPlan *plan) {
  char **words = words_of_command_line(plan->words);
  char **environment = words ? words_of_environment(plan, NULL) : NULL;
  if (!environment) return errno;
  hand_on_descriptors();
  reset_signals();
  execvpe(words[0], words, environment);
  return errno;
}

/* ---- as a child ---- */

static volatile pid_t child;

static void pass_on(int number, siginfo_t *info, void *context) {
  (void)context;
  int saved_errno = errno;
  /* The kernel's own come from the terminal, to all in the foreground. What the child sends to its group, it has had. */
  if (child > 0 && info->si_code <= 0 && info->si_pid != child) kill(child, number);
  errno = saved_errno;
}

static void catch_signals(struct sigaction before[PASSED_ON_COUNT]) {
  struct sigaction catch = {.sa_sigaction = pass_on, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigfillset(&catch.sa_mask);
  for (size_t i = 0; i < PASSED_ON_COUNT; i++) sigaction(PASSED_ON[i], &catch, &before[i]);
}

static void restore_signals(const struct sigaction before[PASSED_ON_COUNT]) {
  for (size_t i = 0; i < PASSED_ON_COUNT; i++) sigaction(PASSED_ON[i], &before[i], NULL);
}

#define KEEP "TSLAB_KEEP="
static char keep[] = KEEP "4294967295";

/* Between fork and exec other threads' locks may be held: no snprintf. */
static void name_kept_process(uint32_t pid) {
  char *end = keep + sizeof keep - 1, *at = end;
  do *--at = (char)('0' + pid % 10);
  while ((pid /= 10) > 0);
  char *number = keep + sizeof KEEP - 1;
  memmove(number, at, (size_t)(end - at));
  number[end - at] = 0;
}

static _Noreturn void child_runs(char **words, char **environment, int failed) {
  hand_on_descriptors();
  reset_signals();
  name_kept_process((uint32_t)getpid());
  execvpe(words[0], words, environment);
  int error = errno;
  ssize_t n = write(failed, &error, sizeof error);
  _exit(n == sizeof error ? 127 : 126);
}

/* @returns the child's id, or a negated errno; in either case exec is over */
static pid_t start(char **words, char **environment) {
  int failed[2], error = 0;
  if (pipe2(failed, O_CLOEXEC) != 0) return -errno;
  sigset_t all, before;
  sigfillset(&all);
  /* The child shares what Node's handlers write to. */
  pthread_sigmask(SIG_BLOCK, &all, &before);
  pid_t pid = fork();
  if (pid == 0) child_runs(words, environment, failed[1]);
  if (pid < 0) error = errno;
  child = pid;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(failed[1]);
  ssize_t n;
  do n = read(failed[0], &error, sizeof error);
  while (n < 0 && errno == EINTR);
  close(failed[0]);
  if (error == 0) return pid;
  child = 0;
  if (pid > 0) waitpid(pid, NULL, 0);
  return -error;
}

/* The shell sees this process only: it stops with the child, and when it is continued so is the child. */
static void stop_too(pid_t pid) {
  siginfo_t info = {0};
  /* It may have been continued already. */
  if (waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOHANG) != 0 || info.si_pid == 0) return;
  raise(SIGSTOP);
  kill(pid, SIGCONT);
}

static int wait_for(pid_t pid) {
  for (;;) {
    siginfo_t info = {0};
    /* Its id stays its own until it is waited for without WNOWAIT: nothing is passed on to a stranger. */
    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WSTOPPED | WNOWAIT) != 0) {
      if (errno == EINTR) continue;
      return -errno;
    }
    if (info.si_code == CLD_STOPPED || info.si_code == CLD_TRAPPED) {
      stop_too(pid);
      continue;
    }
    child = 0;
    int status;
    return waitpid(pid, &status, 0) == pid ? status : -errno;
  }
}

int launch_run(const LaunchPlan *plan, int32_t *pid) {
  char **words = words_of_command_line(plan->words);
  char **environment = words ? words_of_environment(plan, keep) : NULL;
  if (!environment) return -errno;
  struct sigaction before[PASSED_ON_COUNT];
  catch_signals(before);
  *pid = start(words, environment);
  int result = *pid > 0 ? wait_for(*pid) : *pid;
  restore_signals(before);
  return result;
}

void launch_end_by(int number) {
  sigset_t one;
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  make_pipes_blocking();
  signal(number, SIG_DFL);
  sigemptyset(&one);
  sigaddset(&one, number);
  pthread_sigmask(SIG_UNBLOCK, &one, NULL);
  kill(getpid(), number);
}

bool launch_gives_capabilities(const char *path) { return getxattr(path, "security.capability", NULL, 0) > 0; }
