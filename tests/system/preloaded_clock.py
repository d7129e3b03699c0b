"""A wall clock that a test sets, for one program."""

import subprocess

# Interposed: the wall clock is ahead by the seconds that stand in the file CLOCK_AHEAD.
_AHEAD = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
int clock_gettime(clockid_t id, struct timespec* t) {
  static int (*real)(clockid_t, struct timespec*);
  if (!real) real = (int (*)(clockid_t, struct timespec*))dlsym(RTLD_NEXT, "clock_gettime");
  int result = real(id, t);
  if (id == CLOCK_REALTIME) {
    FILE* f = fopen(getenv("CLOCK_AHEAD"), "re");
    long ahead = 0;
    if (f) {
      if (fscanf(f, "%ld", &ahead) == 1) t->tv_sec += ahead;
      fclose(f);
    }
  }
  return result;
}
"""


class PreloadedClock:
    """The clock of what is started with `launcher`. Its files are in `folder`."""

    def __init__(self, folder, ahead=0):
        source, library = folder / "ahead.c", folder / "ahead.so"
        source.write_text(_AHEAD, encoding="ascii")
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
        self._file = folder / "clock"
        self.launcher = ["env", f"LD_PRELOAD={library}", f"CLOCK_AHEAD={self._file}"]
        self.set(ahead)

    def set(self, ahead):
        """From now on it is so many seconds ahead."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{ahead}\n", encoding="ascii")
        fresh.rename(self._file)
