"""Files that do not come out of their disk: a reload that reads one holds up no page, no probe, and not
the end of the process."""

import json
import signal
import subprocess
import time

import harness
import servers

# Interposed: opening a file in the folder SLOW_DISK waits while the file SLOW_DISK.hangs is there, and
# SLOW_DISK.met tells that somebody waits.
SLOW_DISK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int open(const char* path, int flags, ...) {
  static int (*real)(const char*, int, ...);
  if (!real) real = (int (*)(const char*, int, ...))dlsym(RTLD_NEXT, "open");
  va_list rest;
  va_start(rest, flags);
  int mode = flags & O_CREAT ? va_arg(rest, int) : 0;
  va_end(rest);
  const char* disk = getenv("SLOW_DISK");
  size_t length = disk ? strlen(disk) : 0;
  if (disk && strncmp(path, disk, length) == 0 && path[length] == '/') {
    char name[4096];
    snprintf(name, sizeof name, "%s.met", disk);
    char hangs[4096];
    snprintf(hangs, sizeof hangs, "%s.hangs", disk);
    while (access(hangs, F_OK) == 0) {
      int met = real(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
      if (met >= 0) close(met);
      usleep(5000);
    }
  }
  return real(path, flags, mode);
}
"""


class SlowDisk(harness.SystemTest):
    def setUp(self):
        super().setUp()
        source, library = self.folder / "slow.c", self.folder / "slow.so"
        source.write_text(SLOW_DISK, encoding="ascii")
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        servers.make_authority(self.disk)
        self.hangs = self.folder / "disk.hangs"
        self.launcher = ["env", f"LD_PRELOAD={library}", f"SLOW_DISK={self.disk}"]

    def hang_up(self, process):
        """A reload that waits for the disk."""
        met = self.folder / "disk.met"
        met.unlink(missing_ok=True)
        self.hangs.touch()
        process.signal(signal.SIGHUP)
        self.wait("a file is read", met.exists, 10)

    def check_reload(self, process, *pages):
        """While the disk hangs all goes on; then the reload does."""
        self.hang_up(process)
        for page in pages:
            began = time.monotonic()
            self.assertEqual(harness.http(f"{page}/-/healthy", timeout=5).status, 200)
            self.assertLess(time.monotonic() - began, harness.scaled(2))
        self.assertNotIn("configuration read again", process.err())
        self.hangs.unlink()
        self.wait("the reload is over", lambda: process.err().count("configuration read again")
                  == len(pages), 10)

    def check_end(self, process):
        self.hang_up(process)
        self.assertEqual(process.stop(), 0)
        self.said(process, "is still being read")
        self.hangs.unlink()

    def configured(self, role, text):
        """A server or an agent with this configuration."""
        config = self.write(f"{role}.yaml", json.dumps(text))
        if role == "server":
            return self.start_server(config=config, settings={"shutdown_timeout": "2s"},
                                     launcher=self.launcher).wait_healthy()
        return self.start_agent(f"127.0.0.1:{harness.free_port()}", config=config,
                                settings={"shutdown_timeout": "2s"},
                                launcher=self.launcher).wait_healthy()

    def agent_text(self):
        return {"http": {"ca_file": str(self.disk / "ca.pem")}}

    def server_text(self):
        return {"mesh": False, "remote_write": [
            {"url": "https://127.0.0.1:9/", "ca_file": str(self.disk / "ca.pem")}]}

    def standalone(self, servers_part):
        """(process, pages)"""
        rpc, *pages = (f"127.0.0.1:{harness.free_port()}" for _ in range(3))
        config = self.write("both.yaml", json.dumps({
            "server": {**servers_part, "rpc_listen_addr": rpc, "metrics_listen_addr": pages[0],
                       "state_dir": "", "shutdown_timeout": "2s"},
            "agent": {**self.agent_text(), "region": "r-a", "local_ip": "127.0.0.1",
                      "http_addr": pages[1], "rpc_server_addr": rpc, "state_dir": "",
                      "shutdown_timeout": "2s"}}))
        process = self.start("standalone", *self.launcher, harness.PROGRAM, "standalone", "--config",
                             config)
        pages = [f"http://{page}" for page in pages]
        for page in pages:
            self.wait(f"{page} is healthy",
                      lambda p=page: harness.http(f"{p}/-/healthy").status == 200, 20)
        return process, pages

    def test_what_a_configuration_names_holds_up_nobody(self):
        for role, text in (("agent", self.agent_text()), ("server", self.server_text())):
            with self.subTest(role=role):
                process = self.configured(role, text)
                self.check_reload(process, process.url)
                self.check_end(process)

    def test_in_both_roles_of_one_process(self):
        """Of which one or the other is the first that reads."""
        for part in (self.server_text(), {"mesh": False}):
            with self.subTest(server=part):
                process, pages = self.standalone(part)
                self.check_reload(process, *pages)
                self.check_end(process)

    def test_a_configuration_that_hangs(self):
        config = self.disk / "server.yaml"
        config.write_text("mesh: false\n", encoding="ascii")
        server = self.start_server(config=config, settings={"shutdown_timeout": "2s"},
                                   launcher=self.launcher).wait_healthy()
        self.check_reload(server, server.url)
        self.check_end(server)


if __name__ == "__main__":
    harness.main()
