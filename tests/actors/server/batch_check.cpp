#define CAF_SUITE batch_check

#include "xprober/actors/server/batch_check.hpp"

#include <string>

#include "support/samples.hpp"

#include "caf/test/unit_test.hpp"

namespace batch_check_suite {

using namespace xprober;

namespace {

/// A batch of so many results of as many targets.
std::string batch(std::size_t results) {
  batch_encoder encoder{{"cn-south", "10.1.1.1"}};
  for (std::size_t i = 0; i < results; ++i) {
    encoder.add(*samples::result(
        samples::target(static_cast<target_index>(i), "10.0.0." + std::to_string(i))));
  }
  return encoder.finish({}, 1, 0);
}

batch_findings check(const std::string& bytes, std::string& body) {
  batch_header header;
  CAF_REQUIRE_EQUAL(read_batch_header(bytes, header), "");
  return check_batch(bytes, header, body);
}

} // namespace

CAF_TEST(a whole batch is taken whole) {
  std::string body;
  const auto found = check(batch(3), body);
  CAF_CHECK((found.verdict == storage::verdict{3, 0}));
  CAF_CHECK_EQUAL(found.values, 9u);
  CAF_CHECK_EQUAL(found.agent.region, "cn-south");
  CAF_CHECK_EQUAL(found.agent.local_ip, "10.1.1.1");
  CAF_CHECK(found.errors.empty());
  CAF_CHECK(!body.empty());
}

CAF_TEST(what cannot be unpacked has no row that can be used) {
  auto bytes = batch(3);
  bytes.resize(bytes.size() - 5);
  std::string body;
  const auto found = check(bytes, body);
  CAF_CHECK((found.verdict == storage::verdict{0, 3}));
  CAF_CHECK_EQUAL(found.errors.size(), 1u);
}

CAF_TEST(rows that are missing are told and counted) {
  auto bytes = batch(3);
  batch_header header;
  CAF_REQUIRE_EQUAL(read_batch_header(bytes, header), "");
  header.rows = 10;
  std::string body;
  const auto found = check_batch(bytes, header, body);
  CAF_CHECK_EQUAL(found.verdict.accepted, 3u);
  CAF_CHECK_EQUAL(found.verdict.rejected, 7u);
  CAF_CHECK(!found.errors.empty());
  CAF_CHECK(found.errors.size() <= 5u);
}

} // namespace batch_check_suite
