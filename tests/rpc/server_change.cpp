#define CAF_SUITE server_change

#include "xprober/rpc/server_change.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "caf/test/dsl.hpp"

namespace server_change_suite {

using namespace xprober;
using namespace xprober::rpc;

namespace {

net::endpoint server(std::string_view text) {
  std::string error;
  return net::parse_endpoint(text, error).value();
}

std::string texts(const std::vector<net::endpoint>& servers) {
  std::string all;
  for (const auto& each : servers) {
    all += (all.empty() ? "" : " ") + each.text;
  }
  return all;
}

struct fixture {
  const net::endpoint a = server("a:1");
  const net::endpoint b = server("b:1");
  const net::endpoint c = server("c:1");
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(server_change_tests, fixture)

CAF_TEST(another list is begun with its first server) {
  const auto change = compare_servers(a, {a}, {b, c});
  CAF_CHECK(change.moves);
  CAF_CHECK_EQUAL(change.first, 0U);
  CAF_CHECK_EQUAL(texts(change.left), "a:1");
  CAF_CHECK_EQUAL(texts(change.kept), "");
}

CAF_TEST(a server that stays is used on wherever it stands) {
  const auto change = compare_servers(b, {b}, {c, a, b});
  CAF_CHECK(!change.moves);
  CAF_CHECK_EQUAL(change.first, 2U);
  CAF_CHECK_EQUAL(texts(change.left), "");
  CAF_CHECK_EQUAL(texts(change.kept), "b:1");
}

CAF_TEST(one that was used before hears a goodbye though the present one stays) {
  const auto change = compare_servers(b, {a, b, a}, {b, c});
  CAF_CHECK(!change.moves);
  CAF_CHECK_EQUAL(texts(change.left), "a:1");
  CAF_CHECK_EQUAL(texts(change.kept), "b:1");
}

CAF_TEST(who has never answered hears no goodbye) {
  const auto change = compare_servers(a, {}, {b});
  CAF_CHECK(change.moves);
  CAF_CHECK(change.left.empty());
}

CAF_TEST(the same server in another way is the same and another path is another server) {
  CAF_CHECK(!compare_servers(a, {a}, {server("msgpack://a:1")}).moves);
  CAF_CHECK(!compare_servers(a, {a}, {server("http://a:1")}).moves);
  CAF_CHECK(!compare_servers(server("http://a:1/x"), {}, {server("https://a:1/x")}).moves);
  CAF_CHECK(compare_servers(server("http://a:1/x"), {}, {server("http://a:1/y")}).moves);
  CAF_CHECK(compare_servers(a, {a}, {server("a:2")}).moves);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace server_change_suite
