#define CAF_SUITE resolver

#include "xprober/resolver/resolver.hpp"

#include "xprober/resolver/ares_channel.hpp"

#include <chrono>
#include <cstdlib>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "resolver/fake_server.hpp"

#include "caf/test/unit_test.hpp"

namespace resolver_suite {

using namespace xprober;
using namespace xprober::dns;
using namespace xprober::dns::test;
using namespace std::chrono_literals;

namespace {

const std::string v4_bytes{"\x0A\x01\x02\x03", 4};
const std::string v6_bytes{"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07", 16};

std::optional<fake_answer> respond(const std::string& name, std::uint16_t type) {
  const bool a = type == type_a;
  if (name == "both.test" || name == "kept.test") {
    return fake_answer{rcode_ok, {a ? v4_bytes : v6_bytes}, name == "kept.test" ? 60u : 0u};
  }
  if (name == "two.test") {
    return a ? fake_answer{rcode_ok, {v4_bytes, std::string{"\x0A\x01\x02\x02", 4}}, 0}
             : fake_answer{rcode_ok, {}, 0};
  }
  if (name == "v6only.test") {
    return a ? fake_answer{} : fake_answer{rcode_ok, {v6_bytes}, 0};
  }
  if (name == "empty.test") {
    return fake_answer{};
  }
  if (name == "servfail.test") {
    return fake_answer{rcode_servfail, {}, 0};
  }
  if (name == "refused.test") {
    return fake_answer{rcode_refused, {}, 0};
  }
  if (name.starts_with("rcode")) {
    return fake_answer{static_cast<std::uint8_t>(std::stoi(name.substr(5))), {}, 0};
  }
  if (name == "halffail.test") {
    return a ? fake_answer{rcode_servfail, {}, 0} : fake_answer{};
  }
  if (name == "dropaaaa.test") {
    return a ? std::optional{fake_answer{rcode_ok, {v4_bytes}, 0}} : std::nullopt;
  }
  if (name == "silent.test" || name.starts_with("dead")) {
    return std::nullopt;
  }
  if (name == "gone.test") {
    return fake_answer{rcode_nxdomain, {}, 0, 60};
  }
  if (name == "bare.test") {
    return fake_answer{rcode_ok, {}, 0, a ? 60 : 30};
  }
  if (name == "alternating.test") {
    return a ? fake_answer{rcode_servfail, {}, 0} : fake_answer{rcode_ok, {v6_bytes}, 60};
  }
  return fake_answer{rcode_nxdomain, {}, 0};
}

struct fixture {
  using tickets = std::vector<resolver::ticket>;

  fake_server server{respond};
  boost::asio::io_context context;

  resolver_options options(milliseconds timeout = 2s) {
    resolver_options result;
    result.timeout = timeout;
    result.servers = {server.address()};
    return result;
  }

  resolve_answer ask(resolver& r, const std::string& name, ip_family preferred = ip_family::ip4) {
    std::optional<resolve_answer> got;
    int calls = 0;
    const auto ticket = r.resolve(name, preferred, [&](const resolve_answer& answer) {
      got = answer;
      ++calls;
    });
    CAF_CHECK(!got); // never from inside the call
    run_until([&] { return got.has_value(); });
    CAF_CHECK_EQUAL(calls, 1);
    return got.value_or(resolve_answer{});
  }

  resolve_answer ask(const std::string& name, ip_family preferred = ip_family::ip4) {
    resolver r{context.get_executor(), options()};
    return ask(r, name, preferred);
  }

  template <class Predicate>
  void run_until(Predicate done) {
    const auto limit = monotonic_clock::now() + 10s;
    context.restart();
    while (!done() && monotonic_clock::now() < limit) {
      context.run_one_until(limit);
    }
    CAF_REQUIRE(done());
  }
};

std::vector<std::string> texts(const resolve_answer& answer) {
  std::vector<std::string> result;
  for (const auto& address : answer.addresses) {
    result.push_back(address.to_string());
  }
  return result;
}

using strings = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(resolver_tests, fixture)

CAF_TEST(the preferred family comes first) {
  auto answer = ask("both.test");
  CAF_CHECK_EQUAL(answer.error, probe_error::none);
  CAF_CHECK_EQUAL(texts(answer), (strings{"10.1.2.3", "2001:db8::7"}));
  CAF_CHECK(answer.took > 0ns);
  CAF_CHECK_EQUAL(texts(ask("both.test", ip_family::ip6)), (strings{"2001:db8::7", "10.1.2.3"}));
}

CAF_TEST(addresses of one family keep the order of the server) {
  CAF_CHECK_EQUAL(texts(ask("two.test")), (strings{"10.1.2.3", "10.1.2.2"}));
}

CAF_TEST(the other family is used where the preferred one has no address) {
  CAF_CHECK_EQUAL(texts(ask("v6only.test")), (strings{"2001:db8::7"}));
}

CAF_TEST(a name that does not exist is not found) {
  auto answer = ask("missing.test");
  CAF_CHECK_EQUAL(answer.error, probe_error::resolve_not_found);
  CAF_CHECK_EQUAL(answer.detail, "missing.test: no such name");
}

CAF_TEST(a name without addresses is told apart from one that does not exist) {
  auto answer = ask("empty.test");
  CAF_CHECK_EQUAL(answer.error, probe_error::resolve_no_address);
  CAF_CHECK_EQUAL(answer.detail, "empty.test: the name has no address");
}

CAF_TEST(failures of the server are failures) {
  const auto failed = ask("servfail.test");
  CAF_CHECK_EQUAL(failed.error, probe_error::resolve_servfail);
  CAF_CHECK_EQUAL(failed.detail, "servfail.test: the DNS server failed (SERVFAIL)");
  CAF_CHECK_EQUAL(ask("refused.test").detail,
                  "refused.test: the DNS server refused the query (REFUSED)");
  CAF_CHECK_EQUAL(ask("refused.test").error, probe_error::resolve_failed);
  CAF_MESSAGE("one family fails, the other is empty");
  CAF_CHECK_EQUAL(ask("halffail.test").error, probe_error::resolve_servfail);
}

CAF_TEST(a response code that says nothing of the name is a failure and named) {
  for (int rcode = 6; rcode <= 15; ++rcode) {
    const auto answer = ask("rcode" + std::to_string(rcode));
    CAF_CHECK_EQUAL(answer.error, probe_error::resolve_failed);
    CAF_CHECK(answer.detail.ends_with("(RCODE " + std::to_string(rcode) + ")"));
  }
  CAF_CHECK(ask("rcode1").detail.ends_with("(FORMERR)"));
  CAF_CHECK(ask("rcode4").detail.ends_with("(NOTIMP)"));
}

CAF_TEST(silence ends at the timeout) {
  resolver r{context.get_executor(), options(300ms)};
  const auto begin = monotonic_clock::now();
  auto answer = ask(r, "silent.test");
  const auto took = monotonic_clock::now() - begin;
  CAF_CHECK_EQUAL(answer.error, probe_error::resolve_timeout);
  CAF_CHECK(took >= 290ms);
  CAF_CHECK(took < 1500ms);
}

CAF_TEST(a server that drops AAAA costs the resolution delay only) {
  const auto begin = monotonic_clock::now();
  auto answer = ask("dropaaaa.test");
  CAF_CHECK_EQUAL(texts(answer), (strings{"10.1.2.3"}));
  CAF_CHECK(monotonic_clock::now() - begin < 1s);
}

CAF_TEST(a server that drops the preferred family costs half of the time) {
  resolver r{context.get_executor(), options(2s)};
  const auto begin = monotonic_clock::now();
  auto answer = ask(r, "dropaaaa.test", ip_family::ip6);
  const auto took = monotonic_clock::now() - begin;
  CAF_CHECK_EQUAL(texts(answer), (strings{"10.1.2.3"}));
  CAF_CHECK(took >= 990ms);
  CAF_CHECK(took < 1900ms);
}

CAF_TEST(a server that is not there is a failure) {
  auto opts = options(1s);
  {
    fake_server gone{respond};
    opts.servers = {gone.address()};
  }
  resolver r{context.get_executor(), opts};
  auto answer = ask(r, "both.test");
  CAF_CHECK_EQUAL(answer.error, probe_error::resolve_failed);
  CAF_CHECK_EQUAL(answer.detail, "both.test: no DNS server can be reached");
}

CAF_TEST(numeric addresses ask nobody) {
  CAF_CHECK_EQUAL(texts(ask("192.0.2.7")), (strings{"192.0.2.7"}));
  CAF_CHECK_EQUAL(texts(ask("::1")), (strings{"::1"}));
  CAF_CHECK_EQUAL(texts(ask("[2001:db8::1]")), (strings{"2001:db8::1"}));
  CAF_CHECK_EQUAL(server.queries(), 0);
}

CAF_TEST(what is no host name is refused) {
  CAF_CHECK_EQUAL(ask("").error, probe_error::resolve_failed);
  CAF_CHECK_EQUAL(ask(std::string(300, 'a')).error, probe_error::resolve_failed);
  CAF_CHECK_EQUAL(ask(std::string{"a\0b", 3}).error, probe_error::resolve_failed);
  CAF_CHECK_EQUAL(ask(std::string(80, 'a') + ".test").error, probe_error::resolve_failed);
  CAF_CHECK_EQUAL(server.queries(), 0);
}

CAF_TEST(the hosts file goes before DNS) {
  const auto path = "hosts." + std::to_string(::getpid());
  std::ofstream{path} << "192.0.2.50 both.test\n";
  ::setenv("CARES_HOSTS", path.c_str(), 1);
  auto answer = ask("both.test");
  ::unsetenv("CARES_HOSTS");
  std::remove(path.c_str());
  CAF_CHECK_EQUAL(texts(answer), (strings{"192.0.2.50"}));
  CAF_CHECK_EQUAL(server.queries(), 0);
}

CAF_TEST(localhost has an address) {
  auto answer = ask("localhost");
  CAF_REQUIRE(!answer.addresses.empty());
  CAF_CHECK(answer.addresses.front().is_loopback());
  for (const auto* name : {"localhost.", "LOCALHOST.", "app.localhost", "a.b.localhost."}) {
    auto below = ask(name);
    CAF_REQUIRE(!below.addresses.empty());
    CAF_CHECK(below.addresses.front().is_loopback());
  }
  CAF_CHECK_EQUAL(server.queries(), 0);
}

CAF_TEST(queries for one name at the same time are one) {
  resolver r{context.get_executor(), options()};
  int answered = 0;
  tickets held;
  for (int i = 0; i < 100; ++i) {
    held.push_back(
        r.resolve(i % 2 ? "both.test" : "BOTH.test", ip_family::ip4,
                  [&](const resolve_answer& answer) { answered += answer.addresses.size() == 2; }));
  }
  run_until([&] { return answered == 100; });
  CAF_CHECK_EQUAL(server.queries(), 2); // A and AAAA
}

CAF_TEST(an answer is shared for its TTL and keeps its time) {
  resolver r{context.get_executor(), options()};
  auto first = ask(r, "kept.test");
  auto second = ask(r, "kept.test");
  CAF_CHECK_EQUAL(texts(second), texts(first));
  CAF_CHECK(second.took == first.took);
  CAF_CHECK(!first.cached);
  CAF_CHECK(second.cached);
  CAF_CHECK_EQUAL(server.queries(), 2);
  CAF_MESSAGE("a TTL of 0 is not shared");
  ask(r, "both.test");
  ask(r, "both.test");
  CAF_CHECK_EQUAL(server.queries(), 6);
}

CAF_TEST(what is not there is remembered as its SOA says) {
  resolver r{context.get_executor(), options()};
  for (const auto& [name, error] : {std::pair{"gone.test", probe_error::resolve_not_found},
                                    std::pair{"bare.test", probe_error::resolve_no_address}}) {
    const int before = server.queries();
    const auto first = ask(r, name);
    const auto second = ask(r, name);
    CAF_CHECK_EQUAL(first.error, error);
    CAF_CHECK_EQUAL(second.error, error);
    CAF_CHECK_EQUAL(second.detail, first.detail);
    CAF_CHECK(!first.cached);
    CAF_CHECK(second.cached);
    CAF_CHECK_EQUAL(server.queries(), before + 2);
  }
  CAF_CHECK_EQUAL(r.counters().negative_hits, 2u);
  CAF_CHECK_EQUAL(r.counters().cached_names, 2u);
}

CAF_TEST(failures and negative answers without an SOA are not remembered) {
  resolver r{context.get_executor(), options()};
  for (const auto* name : {"missing.test", "empty.test", "servfail.test"}) {
    const int before = server.queries();
    ask(r, name);
    CAF_CHECK(!ask(r, name).cached);
    CAF_CHECK(server.queries() >= before + 4);
  }
  auto opts = options();
  opts.cache_max_negative_ttl = 0ms;
  r.reconfigure(opts);
  ask(r, "gone.test");
  CAF_CHECK(!ask(r, "gone.test").cached);
}

CAF_TEST(the other family alone is not remembered where the server failed) {
  resolver r{context.get_executor(), options()};
  CAF_CHECK_EQUAL(texts(ask(r, "alternating.test")), (strings{"2001:db8::7"}));
  CAF_CHECK(!ask(r, "alternating.test").cached);
  CAF_MESSAGE("preferred, it is");
  ask(r, "alternating.test", ip_family::ip6);
  CAF_CHECK(ask(r, "alternating.test", ip_family::ip6).cached);
}

CAF_TEST(counters tell what was asked and what was known) {
  resolver r{context.get_executor(), options(300ms)};
  ask(r, "kept.test");
  ask(r, "kept.test");
  ask(r, "silent.test");
  ask(r, "missing.test");
  ask(r, "127.0.0.1");
  int answered = 0;
  tickets held;
  for (int i = 0; i < 3; ++i) {
    held.push_back(
        r.resolve("both.test", ip_family::ip4, [&](const resolve_answer&) { ++answered; }));
  }
  run_until([&] { return answered == 3; });
  const auto counted = r.counters();
  CAF_CHECK_EQUAL(counted.queries, 4u);
  CAF_CHECK_EQUAL(counted.joined, 2u);
  CAF_CHECK_EQUAL(counted.cache_hits, 1u);
  CAF_CHECK_EQUAL(counted.negative_hits, 0u);
  CAF_CHECK_EQUAL(counted.failures, 2u);
  CAF_CHECK_EQUAL(counted.timeouts, 1u);
  CAF_CHECK_EQUAL(counted.cached_names, 1u);
}

CAF_TEST(names that nobody answers are counted until a server answers one) {
  resolver r{context.get_executor(), options(300ms)};
  for (const auto* host : {"silent.test", "SILENT.test"}) {
    ask(r, host);
    CAF_CHECK_EQUAL(r.counters().silent_names, 1u);
  }
  CAF_MESSAGE("that there is no such name is an answer");
  ask(r, "missing.test");
  CAF_CHECK_EQUAL(r.counters().silent_names, 0u);
  ask(r, "127.0.0.1");
  ask(r, "silent.test");
  CAF_CHECK_EQUAL(r.counters().silent_names, 1u);
  r.reconfigure(options(300ms));
  CAF_CHECK_EQUAL(r.counters().silent_names, 0u);
}

CAF_TEST(other servers are asked after a change and nothing is kept) {
  fake_server other{respond};
  resolver r{context.get_executor(), options()};
  ask(r, "kept.test");
  auto opts = options();
  opts.servers = {other.address()};
  r.reconfigure(opts);
  CAF_CHECK(!ask(r, "kept.test").cached);
  CAF_CHECK_EQUAL(server.queries(), 2);
  CAF_CHECK_EQUAL(other.queries(), 2);
}

CAF_TEST(a query that runs is answered though the servers change) {
  resolver r{context.get_executor(), options()};
  std::optional<resolve_answer> got;
  const auto ticket =
      r.resolve("both.test", ip_family::ip4, [&](const resolve_answer& answer) { got = answer; });
  r.reconfigure(options());
  run_until([&] { return got.has_value(); });
  CAF_CHECK_EQUAL(got->error, probe_error::none);
}

CAF_TEST(the next server is asked where one is silent) {
  fake_server silent{[](const std::string&, std::uint16_t) { return std::nullopt; }};
  auto opts = options();
  opts.servers = {silent.address(), server.address()};
  resolver r{context.get_executor(), opts};
  CAF_CHECK_EQUAL(ask(r, "both.test").error, probe_error::none);
}

CAF_TEST(the next server is asked at once where nobody listens at one) {
  auto opts = options(5s);
  {
    fake_server gone{respond};
    opts.servers = {gone.address(), server.address()};
  }
  resolver r{context.get_executor(), opts};
  for (int i = 0; i < 5; ++i) {
    const auto answer = ask(r, "both.test");
    CAF_CHECK_EQUAL(texts(answer), (strings{"10.1.2.3", "2001:db8::7"}));
    CAF_CHECK(answer.took < 700ms); // a try at one server takes 833 ms
  }
  CAF_MESSAGE("as many questions at a time as there may be");
  int found = 0;
  auto slowest = 0ns;
  tickets held;
  for (int i = 0; i < 50; ++i) {
    held.push_back(r.resolve("n" + std::to_string(i) + ".test", ip_family::ip4,
                             [&](const resolve_answer& answer) {
                               found += answer.error == probe_error::resolve_not_found;
                               slowest = std::max(slowest, answer.took);
                             }));
  }
  run_until([&] { return found == 50; });
  CAF_CHECK(slowest < 700ms);
}

CAF_TEST(all attempts at all servers fit into the timeout) {
  CAF_CHECK(first_try_timeout(3s, 2, 1) == 1s);
  CAF_CHECK(first_try_timeout(3s, 2, 3) == 333ms);
  CAF_CHECK(first_try_timeout(5s, 1, 1) == 5s);
  CAF_CHECK(first_try_timeout(1s, 10, 1) == 50ms);
  CAF_CHECK(first_try_timeout(1s, 0, 0) == 1s);
}

CAF_TEST(sharing can be turned off) {
  auto opts = options();
  opts.cache_max_ttl = 0ms;
  resolver r{context.get_executor(), opts};
  ask(r, "kept.test");
  ask(r, "kept.test");
  CAF_CHECK_EQUAL(server.queries(), 4);
}

CAF_TEST(names beyond the bound wait for their turn and are all answered) {
  auto opts = options();
  opts.max_in_flight = 3;
  resolver r{context.get_executor(), opts};
  int answered = 0;
  tickets held;
  for (int i = 0; i < 200; ++i) {
    held.push_back(
        r.resolve("n" + std::to_string(i) + ".test", ip_family::ip4, [&](const resolve_answer& a) {
          answered += a.error == probe_error::resolve_not_found;
        }));
  }
  run_until([&] { return answered == 200; });
  CAF_CHECK_EQUAL(answered, 200);
}

CAF_TEST(names that nobody answers do not keep others waiting) {
  auto opts = options(2s);
  opts.max_in_flight = 8;
  resolver r{context.get_executor(), opts};
  for (int round = 0; round < 2; ++round) {
    CAF_MESSAGE("round " << round);
    std::size_t dead = 0;
    tickets held;
    for (int i = 0; i < 40; ++i) {
      held.push_back(r.resolve("dead" + std::to_string(i) + ".test", ip_family::ip4,
                               [&](const resolve_answer& answer) {
                                 dead += answer.error == probe_error::resolve_timeout ? 1U : 0U;
                               }));
    }
    const auto good = ask(r, "both.test"); // behind all of them
    CAF_CHECK_EQUAL(good.error, probe_error::none);
    // At first 40 / 8 times 200 ms; then the others are known.
    CAF_CHECK(good.waited < (round == 0 ? 1500ms : 100ms));
    CAF_CHECK(good.took < 500ms);
    CAF_CHECK_EQUAL(r.counters().queued_slow, round == 0 ? 0u : 34u);
    CAF_CHECK_EQUAL(r.counters().queued, r.counters().queued_slow);
    if (round == 0) {
      run_until([&] { return dead == 40; }); // each of them has its verdict all the same
      CAF_CHECK(r.counters().yielded >= 32);
    }
  }
  CAF_CHECK_EQUAL(r.counters().cancelled, 34u);
  CAF_CHECK_EQUAL(r.counters().queued, 0u);
}

CAF_TEST(a name that nobody waits for any more is not asked for) {
  auto opts = options(300ms);
  opts.max_in_flight = 1;
  resolver r{context.get_executor(), opts};
  tickets held;
  int called = 0;
  const auto count = [&](const resolve_answer&) { ++called; };
  held.push_back(r.resolve("dead1.test", ip_family::ip4, count));
  held.push_back(r.resolve("dead2.test", ip_family::ip4, count));
  held.push_back(r.resolve("dead2.test", ip_family::ip4, count));
  auto empty = resolver::ticket{};
  CAF_CHECK(empty.own_fault(monotonic_clock::now()).empty());
  held[1] = std::move(empty);
  CAF_CHECK_EQUAL(r.counters().cancelled, 0u); // somebody does
  held.pop_back();
  CAF_CHECK_EQUAL(r.counters().cancelled, 1u);
  CAF_CHECK_EQUAL(r.counters().queued, 0u);
  CAF_CHECK_EQUAL(ask(r, "both.test").error, probe_error::none);
  run_until([&] { return called == 1; });
  CAF_CHECK_EQUAL(r.counters().queries, 2u);
}

CAF_TEST(a name that is being asked for without anybody waiting is kept for its answer) {
  resolver r{context.get_executor(), options()};
  {
    const auto ticket = r.resolve("kept.test", ip_family::ip4, [](const resolve_answer&) {});
  }
  run_until([&] { return r.counters().cached_names == 1; });
  CAF_CHECK(ask(r, "kept.test").cached);
  CAF_CHECK_EQUAL(r.counters().cancelled, 0u);
}

CAF_TEST(an ended ticket keeps even an answer away that is on its way) {
  auto r = std::make_unique<resolver>(context.get_executor(), options());
  int called = 0;
  auto ticket = r->resolve("127.0.0.1", ip_family::ip4, [&](const resolve_answer&) { ++called; });
  auto other = r->resolve("silent.test", ip_family::ip4, [&](const resolve_answer&) { ++called; });
  ticket.cancel();
  r.reset();
  other.cancel(); // what was asked is gone
  context.poll();
  CAF_CHECK_EQUAL(called, 0);
}

CAF_TEST(who waited for a turn most of the time blames nobody else) {
  auto opts = options();
  opts.max_in_flight = 1;
  resolver r{context.get_executor(), opts};
  const auto ignore = [](const resolve_answer&) {};
  const auto asked = r.resolve("dead1.test", ip_family::ip4, ignore);
  const auto waits = r.resolve("dead2.test", ip_family::ip4, ignore);
  const auto later = monotonic_clock::now() + 10s;
  CAF_CHECK_EQUAL(asked.own_fault(later), "");
  CAF_CHECK(asked.waited(later) < 1s);
  CAF_CHECK(waits.waited(later) > 9s);
  const auto text = waits.own_fault(later);
  CAF_CHECK(text.starts_with("dead2.test: the name waited 10"));
  CAF_CHECK(text.find("resolver.max_in_flight (1)") != std::string::npos);
}

CAF_TEST(the wait for a turn is no time of the query) {
  auto opts = options(300ms);
  opts.max_in_flight = 1;
  resolver r{context.get_executor(), opts};
  const auto ignore = [](const resolve_answer&) {};
  ask(r, "dead1.test"); // so it is slow and makes no room
  const auto first = r.resolve("dead1.test", ip_family::ip4, ignore);
  const auto answer = ask(r, "both.test");
  CAF_CHECK_EQUAL(answer.error, probe_error::none);
  CAF_CHECK(answer.waited >= 250ms);
  CAF_CHECK(answer.took < 200ms);
}

CAF_TEST(stop answers what is outstanding) {
  auto r = std::make_unique<resolver>(context.get_executor(), options());
  std::vector<probe_error> got;
  const auto note = [&](const resolve_answer& answer) { got.push_back(answer.error); };
  tickets held;
  held.push_back(r->resolve("silent.test", ip_family::ip4, note));
  held.push_back(r->resolve("silent.test", ip_family::ip6, note));
  context.poll();
  CAF_CHECK(got.empty());
  r->stop();
  held.push_back(r->resolve("both.test", ip_family::ip4, note));
  r.reset();
  context.restart();
  context.run();
  CAF_CHECK_EQUAL(got, (std::vector<probe_error>(3, probe_error::shutdown)));
}

CAF_TEST(a process out of descriptors blames itself) {
  const boost::asio::steady_timer early{context}; // the reactor has descriptors of its own
  rlimit before{};
  CAF_REQUIRE_EQUAL(::getrlimit(RLIMIT_NOFILE, &before), 0);
  resolver r{context.get_executor(), options()};
  context.poll();
  auto none = before;
  none.rlim_cur = 3;
  CAF_REQUIRE_EQUAL(::setrlimit(RLIMIT_NOFILE, &none), 0);
  auto answer = ask(r, "both.test");
  ::setrlimit(RLIMIT_NOFILE, &before);
  CAF_CHECK_EQUAL(answer.error, probe_error::local_no_socket);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace resolver_suite
