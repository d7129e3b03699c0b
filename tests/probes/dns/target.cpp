#define CAF_SUITE target

#include "xprober/probes/dns/target.hpp"

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

#include "caf/test/unit_test.hpp"

namespace target_suite {

using namespace xprober::dns_query;

namespace {

std::string first_of(const std::vector<std::string>& configured, const std::string& path) {
  return system_server{configured, path}.name();
}

} // namespace

CAF_TEST(the server of the system) {
  CAF_CHECK_EQUAL(first_of({"192.0.2.1:5353", "192.0.2.2"}, "/dev/null"), "192.0.2.1:5353");
  CAF_CHECK_EQUAL(first_of({}, "/dev/null"), "127.0.0.1");
  const auto path = "resolv." + std::to_string(::getpid()) + ".conf";
  CAF_CHECK_EQUAL(first_of({}, path), "127.0.0.1");
  std::ofstream{path} << "# nameserver 192.0.2.9\nsearch example\nnameserver   2001:db8::53\n"
                         "nameserver 192.0.2.2\n";
  system_server subject{{}, path};
  CAF_CHECK_EQUAL(subject.name(), "2001:db8::53");
  CAF_CHECK_EQUAL(subject.name(), "2001:db8::53");
  CAF_MESSAGE("the file is read when it has changed and not for each probe");
  CAF_CHECK_EQUAL(subject.reads(), 1u);
  std::ofstream{path} << "nameserver 0.0.0.0\n"; // this machine, as the system's resolver has it
  CAF_CHECK_EQUAL(subject.name(), "127.0.0.1");
  CAF_CHECK_EQUAL(subject.reads(), 2u);
  CAF_MESSAGE("while no file can be opened the last answer holds");
  std::ofstream{path} << "nameserver 192.0.2.77\n";
  CAF_CHECK_EQUAL(subject.name(), "192.0.2.77");
  std::ofstream{path} << "nameserver 192.0.2.100\n";
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  auto none = before;
  none.rlim_cur = 3;
  ::setrlimit(RLIMIT_NOFILE, &none);
  const auto held = subject.name();
  ::setrlimit(RLIMIT_NOFILE, &before);
  CAF_CHECK_EQUAL(held, "192.0.2.77");
  CAF_CHECK_EQUAL(subject.name(), "192.0.2.100");
  std::remove(path.c_str());
}

} // namespace target_suite
