#define CAF_SUITE batch_document

#include <fstream>
#include <sstream>

#include "xprober/domain/wire/batch.hpp"
#include "xprober/domain/wire/compress.hpp"

#include "caf/test/dsl.hpp"

namespace batch_document_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

/// The bytes of a code block of docs/wire.md: of each line what stands before '|', as hexadecimal
/// digits.
std::string documented(const std::string& block) {
  std::ifstream file{XPROBER_DOCS_DIR "/wire.md"};
  std::string line;
  std::string digits;
  bool inside = false;
  while (std::getline(file, line)) {
    if (line == "```" + block) {
      inside = true;
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      for (const char c : line.substr(0, line.find('|'))) {
        if (std::isxdigit(static_cast<unsigned char>(c)) != 0) {
          digits += c;
        }
      }
    }
  }
  return digits;
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view names = "0123456789abcdef";
  std::string text;
  for (const auto c : bytes) {
    const auto b = static_cast<unsigned char>(c);
    text += names[b >> 4U];
    text += names[b & 0xFU];
  }
  return text;
}

target_ref target(std::string address, probe_type type, target_index index) {
  return std::make_shared<const target_spec>(target_spec{{"eu", std::move(address), type}, index});
}

/// What the example in the document is about.
batch_encoder example() {
  batch_encoder encoder{{"us", "10.9.0.1"}};
  icmp_summary echoes;
  echoes.sent = 50;
  echoes.received = 49;
  echoes.duplicates = 1;
  echoes.rtt.mean = 84.25F;
  echoes.rtt.min = 80;
  echoes.rtt.max = 96;
  echoes.rtt.stddev = 2.5F;
  echoes.rtt.jitter = 1.25F;
  echoes.rtt.p50 = 84;
  echoes.rtt.p90 = 88;
  echoes.rtt.p99 = 95;
  echoes.reply_ttl = 57;
  probe_outcome answered;
  answered.success = true;
  answered.started = wall_time{1'767'268'800s};
  answered.duration = 500ms;
  answered.data = echoes;
  probe_outcome silent;
  silent.error = probe_error::no_reply;
  silent.started = wall_time{1'767'268'800s + 100ms};
  silent.duration = 1s;
  icmp_summary lost;
  lost.sent = 50;
  silent.data = lost;
  http_summary page;
  page.phases_ms = {1.5F, 20.0F, std::nullopt, 31.0F, 0.5F};
  page.status = 503;
  page.body_bytes = 300;
  probe_outcome failing;
  failing.error = probe_error::bad_status;
  failing.started = wall_time{1'767'268'801s};
  failing.duration = 53ms;
  failing.data = page;
  encoder.add({target("10.1.2.3", probe_type::icmp, 0), answered});
  encoder.add({target("10.1.2.44", probe_type::icmp, 1), silent});
  encoder.add({target("http://10.1.2.3/", probe_type::http, 2), failing});
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
