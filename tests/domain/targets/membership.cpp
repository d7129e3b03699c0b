#define CAF_SUITE membership

#include "xprober/domain/targets/membership.hpp"

#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "xprober/domain/clock_skew.hpp"

#include "caf/test/unit_test.hpp"

namespace membership_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

using verdict = membership::verdict;
using change = life_change;
using changes = std::vector<life_change>;

const monotonic_time t0{1h};
const wall_time w0{std::chrono::seconds{1'700'000'000}};

std::string canonical(std::string_view text) {
  return canonical_host_address(text).value_or("none");
}

struct fixture {
  membership members{60s};

  verdict seen(const std::string& region, const std::string& ip, monotonic_time now = t0) {
    return members.seen({region, ip}, {"peer", "process"}, now, w0 + (now - t0));
  }

  changes events() {
    changes all;
    for (const auto& event : members.take_events()) {
      all.push_back(event.what);
    }
    return all;
  }

  std::vector<agent_state> states() const {
    std::vector<agent_state> all;
    for (const auto& m : members.list()) {
      all.push_back(m.state);
    }
    return all;
  }

  /// Of the first member, when it is so late.
  agent_state state_at(monotonic_time now) {
    members.advance(now);
    return states().at(0);
  }

  /// One that was there, one that was lost for an hour, one that has left.
  static std::vector<known_agent> before_restart() {
    return {{{"eu", "10.0.0.1"}, w0 - 48h, w0 - 30s, agent_state::ok, "1.0", ""},
            {{"eu", "10.0.0.2"}, w0 - 48h, w0 - 1h, agent_state::lost, "", ""},
            {{"eu", "10.0.0.3"}, w0 - 48h, w0 - 30s, agent_state::left, "", ""}};
  }
};

} // namespace

CAF_TEST(addresses of one machine have one spelling) {
  CAF_CHECK_EQUAL(canonical("10.0.0.1"), "10.0.0.1");
  CAF_CHECK_EQUAL(canonical("127.0.0.1"), "127.0.0.1");
  CAF_CHECK_EQUAL(canonical("2001:DB8:0::1"), "2001:db8::1");
  CAF_CHECK_EQUAL(canonical("::1"), "::1");
  CAF_CHECK_EQUAL(canonical("::ffff:10.0.0.1"), "10.0.0.1");
  CAF_CHECK_EQUAL(canonical("169.253.0.1"), "169.253.0.1");
  CAF_CHECK_EQUAL(canonical("fec0::1"), "fec0::1");
}

CAF_TEST(what names no single machine is no member address) {
  for (const auto* text :
       {"", "host.example", "10.0.0", "10.0.0.1/24", "10.0.0.256", "0.0.0.0", "::", "224.0.0.1",
        "255.255.255.255", "::ffff:255.255.255.255", "ff02::1", "10.0.0.1 ", "fe80::1%eth0",
        "fe80::1", "febf::1", "169.254.0.1", "::ffff:169.254.0.1", "0.1.2.3", "240.0.0.1"}) {
    CAF_MESSAGE("address '" << text << "'");
    CAF_CHECK(!canonical_host_address(text));
  }
  CAF_CHECK(!canonical_host_address(std::string(100'000, '1')));
  CAF_CHECK(!canonical_host_address(std::string_view("10.0.0.1\0", 9)));
}

CAF_TEST_FIXTURE_SCOPE(membership_tests, fixture)

CAF_TEST(an agent joins once and renews its lease) {
  CAF_CHECK(seen("eu", "10.0.0.1") == verdict::joined);
  CAF_CHECK(seen("eu", "10.0.0.1", t0 + 5s) == verdict::renewed);
  CAF_CHECK_EQUAL(members.size(), 1u);
  const auto list = members.list();
  CAF_REQUIRE_EQUAL(list.size(), 1u);
  CAF_CHECK(list[0].first_seen == w0);
  CAF_CHECK(list[0].last_seen == w0 + 5s);
}

CAF_TEST(two spellings of an address are one member) {
  CAF_CHECK(seen("eu", "2001:db8::1") == verdict::joined);
  CAF_CHECK(seen("eu", "2001:DB8:0:0::1") == verdict::renewed);
  CAF_CHECK(members.identities().at(0).local_ip == "2001:db8::1");
}

CAF_TEST(one address in two regions is two members) {
  seen("eu", "10.0.0.1");
  CAF_CHECK(seen("us", "10.0.0.1") == verdict::joined);
  CAF_CHECK_EQUAL(members.size(), 2u);
}

CAF_TEST(members are sorted by region and address) {
  seen("us", "10.0.0.1");
  seen("eu", "10.0.0.9");
  seen("eu", "10.0.0.2");
  const auto all = members.identities();
  CAF_REQUIRE_EQUAL(all.size(), 3u);
  CAF_CHECK(all[0] == (agent_identity{"eu", "10.0.0.2"}));
  CAF_CHECK(all[1] == (agent_identity{"eu", "10.0.0.9"}));
  CAF_CHECK(all[2] == (agent_identity{"us", "10.0.0.1"}));
}

CAF_TEST(a member that stops asking is late and then lost and stays) {
  seen("eu", "10.0.0.1", t0);
  seen("eu", "10.0.0.2", t0 + 50s);
  CAF_CHECK(events() == (changes{change::joined, change::joined}));
  CAF_CHECK(state_at(t0 + 14s) == agent_state::ok);
  CAF_CHECK(state_at(t0 + 15s) == agent_state::late);
  CAF_CHECK(members.take_changed());
  CAF_CHECK(state_at(t0 + 59s) == agent_state::late);
  CAF_CHECK(!members.take_changed());
  CAF_CHECK(events().empty());
  CAF_CHECK_EQUAL(members.active().size(), 2u);
  CAF_CHECK(state_at(t0 + 60s) == agent_state::lost);
  CAF_CHECK(events() == changes{change::lost});
  CAF_CHECK_EQUAL(members.identities().size(), 2u);
  CAF_CHECK(members.active() == (std::vector<agent_identity>{{"eu", "10.0.0.2"}}));
  CAF_CHECK_EQUAL(members.leases(), 1u);
  CAF_MESSAGE("and is back when it asks again");
  CAF_CHECK(seen("eu", "10.0.0.1", t0 + 61s) == verdict::renewed);
  CAF_CHECK(events() == changes{change::back});
  CAF_CHECK(state_at(t0 + 61s) == agent_state::ok);
  CAF_CHECK(members.list()[0].first_seen == w0);
}

CAF_TEST(what could not be heard is no silence) {
  seen("eu", "10.0.0.1", t0);
  seen("eu", "10.0.0.2", t0 + 80s);
  members.excuse(70s, t0 + 90s);
  CAF_MESSAGE("it was silent for 20 s before and after, the other one not at all");
  CAF_CHECK(state_at(t0 + 90s) == agent_state::late);
  CAF_CHECK(state_at(t0 + 129s) == agent_state::late);
  CAF_CHECK(state_at(t0 + 130s) == agent_state::lost);
  CAF_CHECK(states().at(1) == agent_state::late);
  members.advance(t0 + 149s);
  CAF_CHECK(states().at(1) == agent_state::late);
  members.advance(t0 + 150s);
  CAF_CHECK(states().at(1) == agent_state::lost);
}

CAF_TEST(an agent that asks seldom is late later and is not lost in between) {
  agent_report slow;
  slow.sync_interval_ms = 10'000;
  members.seen({"eu", "10.0.0.1"}, {"peer", "process"}, t0, w0, slow);
  CAF_CHECK(state_at(t0 + 29s) == agent_state::ok);
  CAF_CHECK(state_at(t0 + 30s) == agent_state::late);
  slow.sync_interval_ms = 60'000;
  members.seen({"eu", "10.0.0.1"}, {"peer", "process"}, t0 + 60s, w0, slow);
  events();
  CAF_CHECK(state_at(t0 + 60s + 179s) == agent_state::ok);
  CAF_CHECK(state_at(t0 + 60s + 180s) == agent_state::lost);
  CAF_CHECK(events() == changes{change::lost});
}

CAF_TEST(a new lease counts for members that are here already) {
  seen("eu", "10.0.0.1", t0);
  members.set_lease(10s);
  CAF_CHECK(state_at(t0 + 10s) == agent_state::lost);
}

CAF_TEST(a lost agent is forgotten after its time) {
  seen("eu", "10.0.0.1", t0);
  events();
  CAF_CHECK(state_at(t0 + 24h - 1s) == agent_state::lost);
  members.set_forget(48h);
  CAF_CHECK(state_at(t0 + 47h) == agent_state::lost);
  CAF_CHECK(events() == changes{change::lost});
  members.advance(t0 + 48h);
  CAF_CHECK(events() == changes{change::forgotten});
  CAF_CHECK_EQUAL(members.size(), 0u);
}

CAF_TEST(an agent that says goodbye is in the mesh no more and is listed for a while) {
  seen("eu", "10.0.0.1", t0);
  seen("eu", "10.0.0.2", t0);
  events();
  CAF_CHECK(members.leave({"eu", "::ffff:10.0.0.1"}, "process", t0 + 5s, w0 + 5s));
  CAF_CHECK(events() == changes{change::left});
  CAF_CHECK_EQUAL(members.identities().size(), 1u);
  CAF_CHECK_EQUAL(members.active().size(), 1u);
  CAF_CHECK_EQUAL(members.size(), 2u);
  CAF_CHECK(state_at(t0 + 5min) == agent_state::left);
  CAF_CHECK(members.list()[0].last_seen == w0 + 5s);
  CAF_CHECK(members.leave({"eu", "10.0.0.1"}, "process", t0 + 6s, w0 + 6s));
  members.take_events(); // that the other one is lost
  members.advance(t0 + 5s + 1h - 1s);
  CAF_CHECK_EQUAL(members.size(), 2u);
  members.advance(t0 + 5s + 1h);
  CAF_CHECK(events() == changes{change::dropped});
  CAF_CHECK_EQUAL(members.size(), 1u);
  CAF_CHECK(!members.leave({"eu", "10.0.0.1"}, "process", t0 + 2h, w0 + 2h));
}

CAF_TEST(one that has left joins again) {
  seen("eu", "10.0.0.1", t0);
  members.leave({"eu", "10.0.0.1"}, "process", t0 + 5s, w0 + 5s);
  CAF_CHECK(seen("eu", "10.0.0.1", t0 + 10s) == verdict::joined);
  CAF_CHECK(events() == (changes{change::joined, change::left, change::joined}));
  CAF_CHECK_EQUAL(members.identities().size(), 1u);
}

CAF_TEST(the goodbye of a process that was replaced is ignored) {
  members.seen({"eu", "10.0.0.1"}, {"peer", "first"}, t0, w0);
  members.seen({"eu", "10.0.0.1"}, {"peer", "second"}, t0 + 1s, w0);
  CAF_CHECK(members.leave({"eu", "10.0.0.1"}, "first", t0 + 2s, w0));
  CAF_CHECK(state_at(t0 + 2s) == agent_state::ok);
  CAF_CHECK(!members.leave({"eu", "10.0.0.2"}, "first", t0 + 2s, w0));
  CAF_CHECK(!members.leave({"eu", "no address"}, "first", t0 + 2s, w0));
  CAF_CHECK(members.leave({"eu", "10.0.0.1"}, "second", t0 + 3s, w0));
  CAF_CHECK(state_at(t0 + 3s) == agent_state::left);
}

CAF_TEST(an operator takes an agent out whatever its state is) {
  seen("eu", "10.0.0.1", t0);
  members.advance(t0 + 60s);
  events();
  CAF_CHECK(members.retire({"eu", "10.0.0.1"}));
  CAF_CHECK(events() == changes{change::retired});
  CAF_CHECK_EQUAL(members.size(), 0u);
  CAF_CHECK(!members.retire({"eu", "10.0.0.1"}));
  CAF_CHECK(!members.retire({"eu", "nothing"}));
}

CAF_TEST(what the configuration retires is forgotten when it asks no more) {
  for (const auto* ip : {"10.0.0.1", "10.0.0.2"}) {
    seen("eu", ip);
    seen("us/a", ip, t0 + 30s);
  }
  members.advance(t0 + 60s); // those of eu are lost
  events();
  members.set_gate({{"10.0.0.0/8"}, 1000, {"eu/10.0.0.2", "us/a/*"}});
  CAF_CHECK(events() == (changes{change::still_asks, change::still_asks}));
  members.advance(t0 + 61s);
  CAF_CHECK(events() == changes{change::retired});
  CAF_CHECK(members.identities() == (std::vector<agent_identity>{{"eu", "10.0.0.1"}}));
  CAF_CHECK(seen("us/a", "10.0.0.1", t0 + 70s) == verdict::renewed);
  CAF_CHECK_EQUAL(members.active().size(), 2u); // they are served
  CAF_CHECK(events().empty());                  // said once
  members.advance(t0 + 130s);
  CAF_CHECK(events() == (changes{change::retired, change::retired}));
  CAF_CHECK(seen("us/a", "10.0.0.1", t0 + 140s) == verdict::joined);
  CAF_CHECK(events() == (changes{change::joined, change::still_asks}));
  members.set_gate({{"10.0.0.0/8"}, 1000});
  CAF_CHECK_EQUAL(members.identities().size(), 2u);
  CAF_CHECK_EQUAL(members.refused(), 0u);
}

CAF_TEST(those of before a restart are late until they have had a lease to come back) {
  members.restore(before_restart(), t0, w0);
  members.begin(t0 + 10min); // the journal was long
  members.advance(t0 + 10min + 59s);
  CAF_CHECK(states() == (std::vector{agent_state::late, agent_state::lost, agent_state::left}));
  CAF_CHECK_EQUAL(members.identities().size(), 2u);
  CAF_CHECK_EQUAL(members.active().size(), 1u);
  CAF_CHECK_EQUAL(members.leases(), 0u);
  CAF_CHECK(events().empty());
  members.advance(t0 + 10min + 60s);
  CAF_CHECK(events() == changes{change::lost});
  const auto all = members.list();
  CAF_CHECK(all[0].last_seen == w0 - 30s);
  CAF_CHECK(all[0].first_seen == w0 - 48h);
  CAF_CHECK_EQUAL(all[0].about.version, "1.0");
}

CAF_TEST(nobody of before a restart is lost while nobody can ask) {
  members.restore(before_restart(), t0, w0);
  members.advance(t0 + 10min);
  CAF_CHECK(events().empty());
  seen("eu", "10.0.0.1", t0 + 11min);
  CAF_CHECK(members.take_changed());
  CAF_CHECK(events().empty()); // it was there all the time
  CAF_CHECK(members.list()[0].state == agent_state::ok);
  CAF_CHECK_EQUAL(members.leases(), 1u);
}

CAF_TEST(one that was lost before a restart is forgotten by when it was seen) {
  members.restore(before_restart(), t0, w0);
  members.begin(t0);
  members.advance(t0 + 23h - 1s);
  CAF_CHECK_EQUAL(members.size(), 2u); // the one that had left is not listed any more
  events();
  members.advance(t0 + 23h);
  CAF_CHECK(events() == changes{change::forgotten});
}

CAF_TEST(what is kept of a member brings it back) {
  agent_report about;
  about.version = "2.0";
  about.http_addr = "10.0.0.1:8087";
  members.seen({"eu", "10.0.0.1"}, {"peer", "process"}, t0, w0, about);
  members.advance(t0 + 20s);
  CAF_CHECK(kept_of(members.list()[0]) ==
            (known_agent{{"eu", "10.0.0.1"}, w0, w0, agent_state::ok, "2.0", "10.0.0.1:8087"}));
}

CAF_TEST(own faults that change are news) {
  seen("eu", "10.0.0.1", t0);
  members.take_changed();
  seen("eu", "10.0.0.1", t0 + 5s);
  CAF_CHECK(!members.take_changed());
  agent_report about;
  about.own_faults = {{"overload", "too much", 1}};
  members.seen({"eu", "10.0.0.1"}, {"peer", "process"}, t0 + 6s, w0, about);
  CAF_CHECK(members.take_changed());
  members.seen({"eu", "10.0.0.1"}, {"peer", "process"}, t0 + 7s, w0, about);
  CAF_CHECK(!members.take_changed());
  CAF_CHECK(members.list()[0].about == about);
}

CAF_TEST(batches and the skew of a clock are known of members alone) {
  seen("eu", "10.0.0.1");
  CAF_CHECK(!members.list()[0].clock_skew_ms);
  members.note_push({"eu", "::ffff:10.0.0.1"}, -250, w0 + 7s);
  members.note_push({"eu", "10.0.0.2"}, 5, w0);
  members.note_push({"eu", "no address"}, 5, w0);
  CAF_CHECK_EQUAL(members.size(), 1u);
  CAF_CHECK(members.list()[0].clock_skew_ms == std::optional<std::int64_t>{-250});
  CAF_CHECK(members.list()[0].last_push == w0 + 7s);
}

CAF_TEST(two agents with one identity show by processes that come back) {
  const auto from = [&](const char* peer, monotonic_time now) {
    members.seen({"eu", "10.0.0.1"}, {peer, peer}, now, w0);
  };
  for (const auto* peer : {"a:1", "a:2", "a:2", "a:3", "a:4"}) {
    from(peer, t0); // one that makes new connections
  }
  CAF_CHECK(members.clashes(t0).empty());
  from("a:3", t0 + 1s);
  CAF_CHECK(members.clashes(t0 + 1s) ==
            (std::vector<identity_clash>{{{"eu", "10.0.0.1"}, "a:3", "a:4"}}));
  from("a:4", t0 + 2s);
  from("a:4", t0 + 50s);
  CAF_CHECK_EQUAL(members.clashes(t0 + 61s).size(), 1u);
  CAF_CHECK(members.clashes(t0 + 62s).empty());
}

CAF_TEST(an agent whose calls come from here and there is one) {
  for (const auto* peer : {"proxy:1", "proxy:2", "proxy:1", "proxy:3", "proxy:2"}) {
    members.seen({"eu", "10.0.0.1"}, {peer, "process a"}, t0, w0);
    members.seen({"eu", "10.0.0.2"}, {peer, ""}, t0, w0); // says nothing of its process
  }
  CAF_CHECK(members.clashes(t0).empty());
  const auto all = members.list();
  CAF_CHECK_EQUAL(all.at(0).peer, "proxy:2");
  CAF_MESSAGE("and two are two, wherever they call from");
  members.seen({"eu", "10.0.0.1"}, {"proxy:1", "process b"}, t0, w0);
  CAF_CHECK(members.clashes(t0).empty());
  members.seen({"eu", "10.0.0.1"}, {"proxy:1", "process a"}, t0, w0);
  CAF_CHECK(members.clashes(t0) ==
            (std::vector<identity_clash>{{{"eu", "10.0.0.1"}, "proxy:1", "proxy:1"}}));
}

CAF_TEST(bad identities are refused and counted) {
  CAF_CHECK(seen("", "10.0.0.1") == verdict::refused_region);
  CAF_CHECK(seen("eu\n", "10.0.0.1") == verdict::refused_region);
  CAF_CHECK(seen(std::string(1000, 'r'), "10.0.0.1") == verdict::refused_region);
  CAF_CHECK(seen("eu", "") == verdict::refused_address);
  CAF_CHECK(seen("eu", "agent.example") == verdict::refused_address);
  CAF_CHECK_EQUAL(members.size(), 0u);
  CAF_CHECK_EQUAL(members.refused(), 5u);
}

CAF_TEST(a full membership takes nobody new and keeps who is there) {
  members = membership{60s, 2};
  seen("eu", "10.0.0.1");
  seen("eu", "10.0.0.2");
  CAF_CHECK(seen("eu", "10.0.0.3") == verdict::refused_full);
  CAF_CHECK(seen("eu", "10.0.0.1", t0 + 30s) == verdict::renewed);
  CAF_CHECK_EQUAL(members.size(), 2u);
  CAF_CHECK_EQUAL(members.refused(), 1u);
}

CAF_TEST(a full membership lets go of who has left and then of who was lost longest) {
  members = membership{60s, 3};
  seen("eu", "10.0.0.1", t0);
  seen("eu", "10.0.0.2", t0 + 1s);
  seen("eu", "10.0.0.3", t0 + 2s);
  members.advance(t0 + 65s);
  members.leave({"eu", "10.0.0.3"}, "process", t0 + 65s, w0);
  members.take_events();
  CAF_CHECK(seen("eu", "10.0.0.4", t0 + 66s) == verdict::joined);
  CAF_CHECK(events() == (changes{change::dropped, change::joined}));
  CAF_CHECK(seen("eu", "10.0.0.5", t0 + 66s) == verdict::joined);
  CAF_CHECK(events() == (changes{change::forgotten, change::joined}));
  CAF_CHECK(members.identities().at(0).local_ip == "10.0.0.2");
  CAF_CHECK(seen("eu", "10.0.0.6", t0 + 66s) == verdict::joined);
  CAF_CHECK(seen("eu", "10.0.0.7", t0 + 66s) == verdict::refused_full);
}

CAF_TEST(an address that is not believed is listed and no target) {
  const auto ask = [&](const std::string& ip, const char* peer, monotonic_time now = t0) {
    return members.seen({"eu", ip}, {peer, "process"}, now, w0);
  };
  members.set_gate(mesh_gate{{}, 1000});
  CAF_CHECK(ask("10.0.0.1", "10.0.0.1:4000") == verdict::joined);
  CAF_CHECK(ask("10.0.0.2", "10.0.0.1:4000") == verdict::refused_peer);
  CAF_CHECK_EQUAL(members.size(), 2u);
  CAF_CHECK_EQUAL(members.active().size(), 2u);
  CAF_REQUIRE_EQUAL(members.identities().size(), 1u);
  CAF_CHECK(members.identities().at(0).local_ip == "10.0.0.1");
  CAF_CHECK(kept_of(members.list().at(0)).meshed);
  CAF_CHECK(!kept_of(members.list().at(1)).meshed);
  members.take_changed();
  CAF_MESSAGE("another configuration, or another connection, is believed");
  members.set_gate(mesh_gate{{"10.0.0.2"}, 1000});
  CAF_CHECK(members.take_changed());
  CAF_REQUIRE_EQUAL(members.identities().size(), 1u);
  CAF_CHECK(members.identities().at(0).local_ip == "10.0.0.2");
  members.set_gate(mesh_gate{{}, 1000});
  CAF_CHECK(ask("10.0.0.2", "10.0.0.2:4000") == verdict::renewed);
  CAF_CHECK_EQUAL(members.identities().size(), 2u);
}

CAF_TEST(new agents beyond a rate wait) {
  members.set_gate(mesh_gate{{"10.0.0.0/8"}, 2});
  CAF_CHECK(seen("eu", "10.0.0.1") == verdict::joined);
  CAF_CHECK(seen("eu", "10.0.0.2") == verdict::joined);
  CAF_CHECK(seen("eu", "10.0.0.3") == verdict::refused_rate);
  CAF_CHECK(seen("eu", "10.0.0.1", t0 + 1s) == verdict::renewed);
  CAF_CHECK_EQUAL(members.size(), 2u);
  CAF_CHECK(seen("eu", "10.0.0.3", t0 + 30s) == verdict::joined);
}

CAF_TEST(a clock that is far from that of the server is a fault of the agent while it is) {
  seen("eu", "10.0.0.1");
  const agent_identity agent{"eu", "10.0.0.1"};
  members.take_changed();
  members.note_push(agent, bad_clock_ms - 1, w0);
  CAF_CHECK(!members.take_changed());
  CAF_CHECK(faults_of(members.list().at(0), t0).empty());
  members.note_push(agent, -600'000, w0 + 5s);
  CAF_CHECK(members.take_changed());
  members.note_push(agent, -600'100, w0 + 10s);
  CAF_CHECK(!members.take_changed());
  const auto faults = faults_of(members.list().at(0), t0);
  CAF_REQUIRE_EQUAL(faults.size(), 1u);
  CAF_CHECK_EQUAL(faults[0].reason, "clock_off");
  CAF_CHECK_EQUAL(faults[0].detail, "its clock is 600 s behind this server's");
  CAF_CHECK_EQUAL(faults[0].since_unix, to_unix_seconds(w0 + 5s));
  members.note_push(agent, 20, w0 + 15s);
  CAF_CHECK(members.take_changed());
  CAF_CHECK(faults_of(members.list().at(0), t0).empty());
}

CAF_TEST(misdated results are a fault of the clock for a while) {
  seen("eu", "10.0.0.1");
  members.note_lapse({"eu", "10.0.0.1"}, 0, 7, t0, w0);
  CAF_CHECK(faults_of(members.list().at(0), t0).empty());
  members.take_changed();
  members.note_lapse({"eu", "10.0.0.1"}, 3, 0, t0, w0);
  members.note_lapse({"eu", "10.0.0.9"}, 3, 0, t0, w0);
  CAF_CHECK(members.take_changed());
  members.note_lapse({"eu", "10.0.0.1"}, 2, 0, t0 + 60s, w0 + 60s);
  CAF_CHECK(!members.take_changed());
  const auto line = members.list().at(0);
  CAF_CHECK_EQUAL(line.misdated, 5u);
  CAF_CHECK_EQUAL(line.refused, 7u);
  const auto faults = faults_of(line, t0 + 2min);
  CAF_REQUIRE_EQUAL(faults.size(), 1u);
  CAF_CHECK_EQUAL(faults[0].reason, "clock_off");
  CAF_CHECK(faults[0].detail.find("5 since") != std::string::npos);
  CAF_CHECK_EQUAL(faults[0].since_unix, to_unix_seconds(w0));
  CAF_CHECK(faults_of(line, t0 + 60s + misdated_memory).empty());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace membership_suite
