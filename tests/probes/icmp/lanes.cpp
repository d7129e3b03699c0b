#define CAF_SUITE lanes

#include "xprober/probes/icmp/lanes.hpp"

#include "sides_fixture.hpp"

#include "caf/test/unit_test.hpp"

namespace lanes_suite {

using namespace xprober;
using namespace xprober::icmp;
using namespace xprober::icmp::test;
using namespace std::chrono_literals;

namespace {

struct fixture {
  boost::asio::io_context io;
  lanes ways{io, {}};
  settings all;

  bool ready() {
    ways.take(all);
    if (!ways.status().available) {
      std::cout << "SKIPPED: " << ways.status().problem << std::endl;
    }
    return ways.status().available;
  }
  std::shared_ptr<lane> own() const { return ways.of(kinds::icmp()); }
  std::shared_ptr<lane> module(std::string_view name) const {
    return ways.of(prober_name{name, &kinds::icmp()});
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(lanes_tests, fixture)

CAF_TEST(settings that need the same sockets share them) {
  all.modules["quick"] = all.own;
  all.modules["quick"].count = 1;
  all.modules["far"] = all.own;
  all.modules["far"].ttl = 255;
  all.modules["farther"] = all.modules["far"];
  if (!ready()) {
    return;
  }
  CAF_CHECK_EQUAL(own()->endpoints[0], module("quick")->endpoints[0]);
  CAF_CHECK_NOT_EQUAL(own()->endpoints[0], module("far")->endpoints[0]);
  CAF_CHECK_EQUAL(module("far")->endpoints[0], module("farther")->endpoints[0]);
  CAF_CHECK_EQUAL(module("quick")->plan.count, 1u);
  CAF_CHECK(module("other") == nullptr);
}

CAF_TEST(new settings keep the sockets that they need and close the others) {
  all.modules["far"] = all.own;
  all.modules["far"].ttl = 255;
  if (!ready()) {
    return;
  }
  const auto before = ways.endpoints().size();
  const auto kept = own()->endpoints[0];
  const auto* kept_at = kept.get();
  auto running = module("far"); // of a probe in flight
  all.modules.clear();
  ways.take(all);
  ways.drop_unused();
  CAF_CHECK_EQUAL(own()->endpoints[0].get(), kept_at);
  CAF_CHECK_EQUAL(ways.endpoints().size(), before);
  running.reset();
  ways.drop_unused();
  CAF_CHECK(ways.endpoints().size() < before);
}

CAF_TEST(what cannot be opened says why and is left alone for a while) {
  all.own.source = "192.0.2.77"; // not of this machine
  ways.take(all);
  const auto& problem = own()->problems[0];
  CAF_CHECK(own()->endpoints[0] == nullptr);
  CAF_CHECK(problem.find("192.0.2.77") != std::string::npos ||
            problem.find("cap_net_raw") != std::string::npos);
  const auto tried = own()->opened_at;
  ways.open_missing(*own());
  CAF_CHECK(own()->opened_at == tried);
}

CAF_TEST(a probe that somebody asks for has a lane with its wishes) {
  if (!ready()) {
    return;
  }
  ad_hoc_request wishes;
  wishes.echoes = 2;
  wishes.time_limit = 300ms;
  auto request = request_for("127.0.0.1");
  request.ad_hoc = std::make_shared<const ad_hoc_request>(wishes);
  const auto l = ways.own_lane(*own(), request);
  CAF_CHECK_EQUAL(l->plan.count, 2u);
  CAF_CHECK(l->config.deadline <= 300ms);
  CAF_CHECK(l->plan.timeout == l->config.deadline);
  CAF_CHECK_EQUAL(l->endpoints[0], own()->endpoints[0]);
  CAF_CHECK(l->story != nullptr);
}

CAF_TEST(values are brought into their range and sources are read) {
  icmp_config odd;
  odd.count = 0;
  odd.size = 1;
  odd.ttl = 900;
  const auto c = in_range(odd);
  CAF_CHECK_EQUAL(c.count, 1u);
  CAF_CHECK_EQUAL(c.size, 24u);
  CAF_CHECK_EQUAL(c.ttl, 255);
  CAF_CHECK_EQUAL(settings_problem(all), "");
  all.modules["bad"].source = "eth0";
  CAF_CHECK_EQUAL(settings_problem(all),
                  "modules.bad.icmp.source: \"eth0\" is not a numeric address");
}

CAF_TEST(an outlet that is full has another one beside it and all go with their main one) {
  lanes small{io, {.receive = 0, .send = 0, .waiting = 4096}};
  small.take(all);
  if (!small.status().available) {
    return;
  }
  auto main = small.of(kinds::icmp())->endpoints[0];
  CAF_REQUIRE(main && main->outlets[0] && main->outlets[1]);
  CAF_CHECK(main->outlets[1]->for_silent);
  CAF_CHECK_EQUAL(&main->out(probe_way::open), main.get());
  CAF_CHECK_EQUAL(&main->out(probe_way::unknown), main->outlets[0].get());
  CAF_CHECK_EQUAL(&main->out(probe_way::silent), main->outlets[1].get());
  main->stuck = true;
  CAF_CHECK_EQUAL(&main->out(probe_way::open), main->outlets[0].get());
  main->stuck = false;

  auto& silent = *main->outlets[1];
  CAF_CHECK(!small.widen(silent)); // it is not full
  endpoint* last = &silent;
  int count = 1;
  last->queue.push({7, 1});
  for (last->blocked = true; small.widen(*last); last->blocked = true) {
    CAF_CHECK(last->queue.empty());
    last = last->next.get();
    CAF_CHECK(last->for_silent);
    CAF_CHECK_EQUAL(&main->out(probe_way::silent), last);
    ++count;
  }
  CAF_CHECK_EQUAL(count, 32);
  CAF_CHECK_EQUAL(last->queue.front().slot, 7u);
  silent.blocked = false;
  CAF_CHECK_EQUAL(&main->out(probe_way::silent), &silent);

  // New settings: the sockets of the old ones are closed when nobody has them any more.
  const auto before = small.endpoints().size();
  const std::weak_ptr<endpoint> old = main->outlets[1];
  const auto held = main->outlets[0]; // by what waits for its room
  held->blocked = true;
  all.own.ttl = 9;
  small.take(all);
  main.reset();
  small.drop_unused();
  CAF_CHECK(old.expired());
  CAF_CHECK(!small.widen(*held));
  CAF_CHECK(small.endpoints().size() < before);
}

CAF_TEST(outlets beside the first are closed when they have long been idle) {
  lanes small{io, {.receive = 0, .send = 0, .waiting = 4096}};
  small.take(all);
  if (!small.status().available) {
    return;
  }
  const auto main = small.of(kinds::icmp())->endpoints[0];
  CAF_REQUIRE(main && main->outlets[0]);
  const auto before = small.endpoints().size();
  std::vector<endpoint*> chain{main->outlets[0].get()};
  for (int i = 0; i < 4; ++i) {
    chain.back()->blocked = true;
    CAF_REQUIRE(small.widen(*chain.back()));
    chain.push_back(chain.back()->next.get());
  }
  chain[0]->blocked = chain[1]->blocked = chain[3]->blocked = false;
  chain[4]->queue.push({7, 1});
  const auto now = monotonic_clock::now();
  small.close_idle(now + 50s);
  CAF_CHECK_EQUAL(small.endpoints().size(), before + 4);
  small.close_idle(now + 61s);
  CAF_CHECK_EQUAL(small.endpoints().size(), before + 2);
  CAF_CHECK_EQUAL(chain[0]->next.get(), chain[2]); // which is blocked
  CAF_CHECK_EQUAL(chain[2]->next.get(), chain[4]); // which has something to send
  chain[2]->blocked = false;
  chain[4]->queue.pop();
  small.close_idle(now + 61s);
  CAF_CHECK_EQUAL(small.endpoints().size(), before);
  CAF_CHECK(main->outlets[0]->next == nullptr);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace lanes_suite
