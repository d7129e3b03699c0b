#define CAF_SUITE wire_document

#include <fstream>
#include <sstream>
#include <string>

#include "support/documented_bytes.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/wire/series_check.hpp"
#include "xprober/rpc/codec.hpp"
#include "xprober/rpc/envelope.hpp"

#include "caf/test/dsl.hpp"

namespace wire_document_suite {

using namespace xprober;
using namespace xprober::documents;
using namespace xprober::rpc;

namespace {

/// SHA-256 of "abc" (FIPS 180-2, B.1).
const std::string fingerprint = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

std::string request_of(std::uint64_t number, const chains_request& said) {
  std::string bytes;
  begin_request(bytes, number, methods::chains);
  encode(said, wire_format::msgpack, bytes);
  return hex(bytes);
}

bool has(const std::string& part) {
  std::ifstream file{XPROBER_DOCS_DIR "/wire.md"};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str().find(part) != std::string::npos;
}

} // namespace

CAF_TEST(the document has the bytes that agents send) {
  const chains_request first{"us", "10.9.0.1",        "8e03",
                             0,    {{{fingerprint}}}, {{"tls", "eu", "shop:443", 0, "accepted"}},
                             {}};
  CAF_CHECK_EQUAL(request_of(5, first), documented("chains-request"));
  const chains_request second{"us", "10.9.0.1", "8e03", 1, {}, {}, {"YWJj"}};
  CAF_CHECK_EQUAL(request_of(6, second), documented("chains-certificates"));
}

CAF_TEST(the document has the bytes that a server answers with) {
  std::string bytes;
  begin_response(bytes, 5);
  encode(chains_response{1, false, {fingerprint}}, wire_format::msgpack, bytes);
  CAF_CHECK_EQUAL(hex(bytes), documented("chains-answer"));
}

CAF_TEST(the document has results in the older form as a server takes them) {
  push_request pushed;
  CAF_CHECK_EQUAL(decode(documented_text("json push-results"), wire_format::json, pushed), "");
  CAF_REQUIRE_EQUAL(pushed.values.size(), 3u);
  const auto& last = pushed.values.back();
  CAF_CHECK_EQUAL(last.worker_name, "10.9.0.1");
  CAF_CHECK_EQUAL(last.source_region, "us");
  CAF_CHECK_EQUAL(last.target_region, "eu");
  CAF_CHECK_EQUAL(last.target_addr, "10.1.2.3");
  CAF_CHECK_EQUAL(last.probe_type, "icmp");
  CAF_CHECK_EQUAL(last.unix_seconds, 1'767'268'800);
  CAF_CHECK_EQUAL(last.value, 84.25F);
  for (const auto& value : pushed.values) {
    CAF_CHECK(check_series(value).empty());
  }
  push_response answer;
  CAF_CHECK_EQUAL(decode(documented_text("json push-answer"), wire_format::json, answer), "");
  CAF_CHECK_EQUAL(answer.success_num, 3);
}

CAF_TEST(the document names the metrics of the kinds of the Go agents) {
  for (const auto* name : {"icmp", "http"}) {
    const auto* kind = find_kind(name);
    CAF_REQUIRE(kind != nullptr);
    for (const auto& column : kind->columns) {
      CAF_MESSAGE(column.old_name);
      CAF_CHECK(column.old_name.empty() || has("`" + column.old_name + "`"));
    }
  }
}

} // namespace wire_document_suite
