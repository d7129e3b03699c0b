#define CAF_SUITE access_list

#include "xprober/rpc/access_list.hpp"

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "net/thrown.hpp"
#include "xprober/net/tls.hpp"

#include "caf/test/unit_test.hpp"

namespace access_list_suite {

using namespace xprober;
using rpc::access_list;

namespace {

struct fixture {
  fixture() { std::filesystem::create_directories(folder); }
  ~fixture() { std::filesystem::remove_all(folder); }

  std::string token(const std::string& name, const std::string& text) const {
    std::ofstream{folder / name} << text << '\n';
    return (folder / name).string();
  }

  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("xprober-access-" + std::to_string(::getpid()));
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(access_list_tests, fixture)

CAF_TEST(holders are found by what they show) {
  const std::vector<access_entry> entries{{token("eu", "eu-token-0123456789"), "", {"eu"}, {}},
                                          {token("us", "us-token-0123456789"), "", {"us"}, {}},
                                          {"", "probe-7", {}, {"192.0.2.7"}}};
  const access_list list{entries};
  CAF_CHECK(!list.empty());
  const auto eu = list.find("Bearer eu-token-0123456789", "");
  CAF_REQUIRE(eu != nullptr);
  CAF_CHECK_EQUAL(eu->why_not("eu", "1.2.3.4"), "");
  CAF_CHECK(!eu->why_not("us", "1.2.3.4").empty());
  const auto certified = list.find("", "probe-7");
  CAF_REQUIRE(certified != nullptr);
  CAF_CHECK_EQUAL(certified->credential(), "certificate probe-7");
  CAF_CHECK_EQUAL(certified->why_not("any", "192.0.2.7"), "");
  CAF_CHECK(!certified->why_not("any", "192.0.2.8").empty());
  CAF_MESSAGE("a token goes first");
  const auto us = list.find("Bearer us-token-0123456789", "probe-7");
  CAF_REQUIRE(us != nullptr);
  CAF_CHECK_EQUAL(us->why_not("us", "1.2.3.4"), "");
  CAF_CHECK(list.find("", "") == nullptr);
  CAF_CHECK(list.find("Bearer ", "") == nullptr);
  CAF_CHECK(list.find("Bearer other", "") == nullptr);
  CAF_CHECK(list.find("Bearer other", "probe-8") == nullptr);
  CAF_CHECK(access_list{}.empty());
}

CAF_TEST(a token of two entries is refused) {
  const auto one = token("one", "the-same-0123456789");
  const auto two = token("two", "the-same-0123456789");
  std::vector<access_entry> entries{{one, "", {"a"}, {}}, {two, "", {"b"}, {}}};
  const auto problem = test::thrown<net::setup_error>([&] { const access_list list{entries}; });
  CAF_CHECK_EQUAL(problem.find("access[1].token_file: " + two), 0u);
  entries.front().token_file = (folder / "missing").string();
  const auto missing = test::thrown<net::setup_error>([&] { const access_list list{entries}; });
  CAF_CHECK_EQUAL(missing.find("access[0].token_file: "), 0u);
  entries.front().token_file = token("short", "guess-me");
  const access_list shorter{entries}; // the log says what to think of it
  CAF_CHECK(shorter.find("Bearer guess-me", "") != nullptr);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace access_list_suite
