#define CAF_SUITE internal_fault

#include "xprober/probes/internal_fault.hpp"

#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "probes/stream/kind_fixture.hpp"
#include "xprober/probes/stream/plan.hpp"
#include "xprober/probes/stream/session.hpp"

#include "caf/test/unit_test.hpp"

namespace internal_fault_suite {

using namespace xprober;
using namespace xprober::stream;

namespace {

/// Reads what a server says and ends in an exception.
class broken_session final : public session {
public:
  using session::session;

protected:
  task<void> probe() override {
    const auto where = host_and_port();
    const bool opened = co_await open(where->host, where->port, {}, "here", 1);
    if (opened) {
      std::string into(100, '\0');
      co_await connection_.read(into);
    }
    if (request().target->uid.address.starts_with("odd")) {
      throw 42;
    }
    throw std::length_error("too long by one byte");
  }
  void measured(bool) override {}
};

class broken_plan final : public plan {
public:
  std::shared_ptr<session> begin(const services& use, job&& work) const override {
    if (work.request().target->uid.address.starts_with("never")) {
      throw std::length_error("no room for the session");
    }
    return std::make_shared<broken_session>(use, std::move(work), timeout());
  }
  milliseconds timeout() const noexcept override { return milliseconds{5000}; }
};

std::unique_ptr<probe_engine> make_broken(const agent_config& config, engine_options options) {
  engine_kind kind{
      .kind = &kinds::tcp(),
      .make = [](const kind_settings&, const agent_config&) -> plan_ptr {
        return std::make_shared<broken_plan>();
      },
      .max_in_flight = [](const kind_settings&) { return 1U; },
      .counters = {},
  };
  return std::make_unique<engine>(std::move(kind), config, std::move(options));
}

struct fixture : stream::test::kind_fixture {
  fixture() : kind_fixture(kinds::tcp(), make_broken) {}
};

} // namespace

CAF_TEST(a digest is of the bytes and not of their pieces) {
  input_digest whole;
  whole.add("HTTP/1.1 200 OK");
  input_digest parts;
  parts.add("HTTP/1.1");
  parts.add(" 200 OK");
  CAF_CHECK_EQUAL(whole.text(), parts.text());
  input_digest bytes;
  for (const char byte : std::string_view{"HTTP/1.1 200 OK"}) {
    bytes.add({&byte, 1});
  }
  CAF_CHECK_EQUAL(whole.text(), bytes.text());
  CAF_CHECK(whole.text().ends_with("-15"));
  parts.add("x");
  CAF_CHECK_NOT_EQUAL(whole.text(), parts.text());
  input_digest longer;
  longer.add(std::string(100'000, 'x'));
  const auto full = longer.text();
  longer.add("more");
  CAF_CHECK_EQUAL(longer.text(), full);
}

CAF_TEST(a digest differs with every byte) {
  const std::string usual(37, 'x');
  std::set<std::string> all;
  for (std::size_t i = 0; i < usual.size(); ++i) {
    auto other = usual;
    other[i] = 'y';
    input_digest of;
    of.add(other);
    all.insert(of.text());
    std::swap(other[i], other[(i + 8) % other.size()]);
    input_digest swapped;
    swapped.add(other);
    all.insert(swapped.text());
  }
  CAF_CHECK_EQUAL(all.size(), usual.size()); // a swap makes what another turn made
}

CAF_TEST(an internal error is a fault of the prober with a sentence of its own) {
  const auto outcome = internal_fault("too long");
  CAF_CHECK(outcome.state() == probe_state::own_fault);
  CAF_CHECK_EQUAL(to_string(outcome.error), "local_internal");
  CAF_CHECK(outcome.detail.find("too long") != std::string::npos);
}

CAF_TEST_FIXTURE_SCOPE(broken_tests, fixture)

CAF_TEST(an exception in a probe is its own fault and is counted and the next one has its place) {
  stream::test::script_server server{[](stream::test::peer& client) { client.send("hello"); }};
  for (int i = 0; i < 2; ++i) {
    const auto outcome = probe(server.authority());
    CAF_CHECK_EQUAL(outcome.error, probe_error::local_internal);
    CAF_CHECK(holds(outcome.detail, "too long by one byte"));
  }
  const auto odd = probe("odd.test:1");
  CAF_CHECK_EQUAL(odd.error, probe_error::local_internal);
  stop();
  CAF_CHECK_EQUAL(report.probes.exceptions, 3u);
  CAF_CHECK_EQUAL(report.probes.local_errors, 3u);
  CAF_CHECK_EQUAL(report.probes.started, report.probes.finished);
  CAF_CHECK_EQUAL(report.probes.failed, 0u);
}

CAF_TEST(an exception at the begin of a probe is its own fault and the next one has its place) {
  for (int i = 0; i < 2; ++i) {
    CAF_CHECK_EQUAL(probe("never.test:1").error, probe_error::local_internal);
  }
  CAF_CHECK_EQUAL(probe("odd.test:1").error, probe_error::local_internal);
  stop();
  CAF_CHECK_EQUAL(report.probes.exceptions, 3u);
  CAF_CHECK_EQUAL(report.probes.local_errors, 3u);
  CAF_CHECK_EQUAL(report.probes.started, 3u);
  CAF_CHECK_EQUAL(report.probes.finished, 3u);
  CAF_CHECK_EQUAL(report.probes.in_flight, 0u);
}

CAF_TEST(an exception in who is told of an outcome does not end the engine) {
  std::promise<void> told;
  auto spec = new_counted<target_spec>(target_spec{{"here", "127.0.0.1:1", probed_with}, 0});
  engine().start({std::move(spec), monotonic_clock::now()}, [&](probe_outcome&&) {
    told.set_value();
    throw std::runtime_error("who is told");
  });
  CAF_CHECK(told.get_future().wait_for(std::chrono::seconds{10}) == std::future_status::ready);
  CAF_CHECK(probe("127.0.0.1:1").error == probe_error::local_internal);
  stop();
  CAF_CHECK(report.probes.exceptions >= 2u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace internal_fault_suite
