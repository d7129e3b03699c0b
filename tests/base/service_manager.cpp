#define CAF_SUITE service_manager

#include "xprober/base/service_manager.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "xprober/base/log.hpp"

#include "caf/test/unit_test.hpp"

namespace service_manager_suite {

using namespace xprober;

namespace {

/// A service manager: a socket of datagrams, named as systemd names its own to a service.
struct fixture {
  fixture() {
    log::set_level(log::level::off);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  ~fixture() {
    for (const auto* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) {
      ::unsetenv(name);
    }
    ::close(socket);
    std::filesystem::remove(path);
  }

  /// The next that it was told; empty: nothing.
  std::string told() const {
    std::array<char, 256> buffer{};
    const auto n = ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
    return n > 0 ? std::string(buffer.data(), static_cast<std::size_t>(n)) : std::string{};
  }

  std::string path =
      (std::filesystem::temp_directory_path() / ("xprober-notify-" + std::to_string(::getpid())))
          .string();
  int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(service_manager_tests, fixture)

CAF_TEST(the manager is told each step of a service) {
  service_manager::ready("page\nhttp://127.0.0.1:1/");
  CAF_CHECK_EQUAL(told(), "READY=1\nSTATUS=page http://127.0.0.1:1/");
  service_manager::alive();
  CAF_CHECK_EQUAL(told(), "WATCHDOG=1");
  {
    const service_manager::reload_notice notice;
    CAF_CHECK(told().starts_with("RELOADING=1\nMONOTONIC_USEC="));
    CAF_CHECK_EQUAL(told(), "");
  }
  CAF_CHECK_EQUAL(told(), "READY=1");
  service_manager::stopping();
  CAF_CHECK_EQUAL(told(), "STOPPING=1\nSTATUS=stopping");
}

CAF_TEST(without a manager nobody is told) {
  ::unsetenv("NOTIFY_SOCKET");
  service_manager::ready("");
  service_manager::alive();
  CAF_CHECK_EQUAL(told(), "");
}

CAF_TEST(the watchdog is told three times as often as it waits) {
  CAF_CHECK(!service_manager::watchdog_interval());
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  CAF_CHECK(service_manager::watchdog_interval() == std::chrono::milliseconds{10'000});
  ::setenv("WATCHDOG_PID", "1", 1); // another process's
  CAF_CHECK(!service_manager::watchdog_interval());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace service_manager_suite
