#define CAF_SUITE batch_document

#include "support/documented_bytes.hpp"
#include "xprober/domain/wire/batch.hpp"

#include "caf/test/dsl.hpp"

namespace batch_document_suite {

using namespace xprober;
using namespace xprober::documents;
using namespace std::chrono_literals;

namespace {

/// A kind that only the document knows: one phase and a status.
const probe_kind& knock() {
  static const probe_kind kind{
      "knock",
      target_form::host_port,
      result_group::address,
      false,
      true,
      0,
      {{"success", "knock_target_success", "probe_success", "", "", column_role::success,
        column_form::number, true},
       {"connect", "", "", "connect", "ms", column_role::phase, column_form::number, true},
       {"status", "", "", "", "", column_role::gauge, column_form::whole, false}}};
  return kind;
}

target_ref target(std::string address, target_index index) {
  return new_counted<const target_spec>(target_spec{{"eu", std::move(address), knock()}, index});
}

/// What the example in the document is about.
batch_encoder example() {
  batch_encoder encoder{{"us", "10.9.0.1"}};
  probe_outcome well;
  well.success = true;
  well.started = wall_time{1'767'268'800s};
  well.duration = 500ms;
  well.values.set(1, 84.25F);
  well.values.set_whole(2, 300);
  probe_outcome failing;
  failing.error = probe_error::refused;
  failing.detail = "closed";
  failing.started = wall_time{1'767'268'800s + 100ms};
  failing.duration = 353ms;
  encoder.add({target("10.1.2.3:7", 0), well});
  encoder.add({target("10.1.2.44:7", 1), failing});
  return encoder;
}

} // namespace

CAF_TEST(the example in the document is what the encoder writes) {
  auto encoder = example();
  CAF_CHECK_EQUAL(documented("body"), hex(encoder.finish_body()));
  const agent_instance instance{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  encoder = example();
  const auto batch = encoder.finish(instance, 7, 1'767'268'805'000);
  CAF_CHECK_EQUAL(documented("header"), hex(batch.substr(0, batch_header_bytes)));
  std::string body;
  CAF_CHECK_EQUAL(read_batch_body(batch, body), "");
  CAF_CHECK_EQUAL(documented("body"), hex(body));
}

} // namespace batch_document_suite
