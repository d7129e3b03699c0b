#define CAF_SUITE hosts_file

#include "xprober/resolver/hosts_file.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <unistd.h>

#include "caf/test/unit_test.hpp"

namespace hosts_file_suite {

using namespace xprober::dns;

namespace {

using strings = std::vector<std::string>;

strings texts(const std::vector<boost::asio::ip::address>& addresses) {
  strings result;
  for (const auto& address : addresses) {
    result.push_back(address.to_string());
  }
  return result;
}

/// A hosts file of the test.
struct fixture {
  fixture() { ::setenv("CARES_HOSTS", path.c_str(), 1); }
  ~fixture() {
    ::unsetenv("CARES_HOSTS");
    std::remove(path.c_str());
  }

  void write(const std::string& text) const { std::ofstream{path} << text; }

  std::string path = "hosts_file." + std::to_string(::getpid());
  hosts_file hosts;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(hosts_file_tests, fixture)

CAF_TEST(names and aliases of all lines count and what is no address is passed over) {
  std::istringstream text{"# a comment\n"
                          "192.0.2.1\tOne.Example  one # two\n"
                          "  2001:db8::1 one\r\n"
                          "192.0.2.1 one\n"
                          "192.0.2 wrong\n"
                          "192.0.2.3\n"
                          "\n"
                          "192.0.2.4 last"};
  auto table = read_hosts(text);
  CAF_CHECK_EQUAL(table.size(), 3u);
  CAF_CHECK_EQUAL(texts(table["one.example"]), (strings{"192.0.2.1"}));
  CAF_CHECK_EQUAL(texts(table["one"]), (strings{"192.0.2.1", "2001:db8::1"}));
  CAF_CHECK_EQUAL(texts(table["last"]), (strings{"192.0.2.4"}));
}

CAF_TEST(the file is read again when it has changed or is another one) {
  CAF_CHECK(hosts.find("a.test").empty());
  write("192.0.2.1 a.test\n");
  CAF_CHECK_EQUAL(texts(hosts.find("a.test")), (strings{"192.0.2.1"}));
  write("192.0.2.22 a.test\n");
  CAF_CHECK_EQUAL(texts(hosts.find("a.test")), (strings{"192.0.2.22"}));
  std::remove(path.c_str());
  CAF_CHECK(hosts.find("a.test").empty());
  ::setenv("CARES_HOSTS", "/dev/null", 1);
  CAF_CHECK(hosts.find("a.test").empty());
}

CAF_TEST(localhost is this machine whatever the file says of others) {
  write("127.0.0.5 localhost\n");
  CAF_CHECK_EQUAL(texts(hosts.find("localhost")), (strings{"127.0.0.5"}));
  CAF_CHECK_EQUAL(texts(hosts.find("a.localhost")), (strings{"127.0.0.1", "::1"}));
  CAF_CHECK(hosts.find("notlocalhost").empty());
  CAF_CHECK_EQUAL(texts(hosts.find("localhost.")), (strings{"127.0.0.5"}));
  CAF_CHECK_EQUAL(texts(hosts.find("b.a.localhost.")), (strings{"127.0.0.1", "::1"}));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace hosts_file_suite
