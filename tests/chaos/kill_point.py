"""A program that is killed at the N-th of its steps: those with which it changes what others see of it."""

import subprocess

# Interposed: after KILL_AFTER steps the process kills itself, before the next one or, where that number is
# odd, behind it. Steps are what changes files below KILL_FOLDER, and what is sent. How many there
# have been is in KILL_FOLDER.steps, written when the process ends in order.
_KILLER = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>
static atomic_long steps;
static long last = -1;
static const char* folder;
__attribute__((constructor)) static void begin(void) {
  folder = getenv("KILL_FOLDER");
  const char* after = getenv("KILL_AFTER");
  if (after) last = atol(after);
}
__attribute__((destructor)) static void finish(void) {
  char name[4096];
  snprintf(name, sizeof name, "%s.steps", folder ? folder : "");
  FILE* f = fopen(name, "w");
  if (f) { fprintf(f, "%ld\n", (long)steps); fclose(f); }
}
static void die(void) { kill(getpid(), SIGKILL); for (;;) pause(); }
static int mine(const char* path) { return folder && strncmp(path, folder, strlen(folder)) == 0; }
static int of_folder(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n <= 0) return 0;
  path[n] = 0;
  return mine(path);
}
/* The step that is made now, from 0 on. */
static long begin_step(int counts) {
  if (!counts) return -2;
  long now = atomic_fetch_add(&steps, 1);
  if (now == last && last % 2 == 0) die();
  return now;
}
static void end_step(long now) { if (now == last && last % 2 == 1) die(); }
#define STEP(type, name, declared, given, counts)                                \
  type name declared {                                                           \
    static type (*real) declared;                                                \
    if (!real) real = (type (*) declared)dlsym(RTLD_NEXT, #name);                \
    long now = begin_step(counts);                                               \
    type result = real given;                                                    \
    end_step(now);                                                               \
    return result;                                                               \
  }
STEP(ssize_t, pwrite, (int f, const void* p, size_t n, off_t at), (f, p, n, at), of_folder(f))
STEP(ssize_t, pwrite64, (int f, const void* p, size_t n, off64_t at), (f, p, n, at), of_folder(f))
STEP(ssize_t, write, (int f, const void* p, size_t n), (f, p, n), of_folder(f))
STEP(int, ftruncate, (int f, off_t n), (f, n), of_folder(f))
STEP(int, ftruncate64, (int f, off64_t n), (f, n), of_folder(f))
STEP(int, fsync, (int f), (f), of_folder(f))
STEP(int, fdatasync, (int f), (f), of_folder(f))
STEP(int, unlink, (const char* p), (p), mine(p))
STEP(int, rename, (const char* a, const char* b), (a, b), mine(b))
STEP(ssize_t, sendmsg, (int f, const struct msghdr* m, int g), (f, m, g), 1)
STEP(ssize_t, send, (int f, const void* p, size_t n, int g), (f, p, n, g), 1)
"""


class KillPoint:
    """Its library is in `folder`, and what the program keeps in `state`."""

    def __init__(self, folder, state):
        source, self._library = folder / "kill.c", folder / "kill.so"
        if not self._library.exists():
            source.write_text(_KILLER, encoding="ascii")
            subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", self._library, source, "-ldl"],
                           check=True)
        self._state = state

    def launcher(self, after=None):
        """What a program is started with that is killed after so many steps; None: that only counts them."""
        return ["env", f"LD_PRELOAD={self._library}", f"KILL_FOLDER={self._state}",
                *([f"KILL_AFTER={after}"] if after is not None else [])]

    def steps(self):
        """How many the last one that ended in order has made."""
        return int(self._state.with_name(self._state.name + ".steps").read_text(encoding="ascii"))
