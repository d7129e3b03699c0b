#define CAF_SUITE view

#include "xprober/top/view.hpp"

#include <algorithm>
#include <string>

#include "fake_server.hpp"
#include "xprober/top/screen_text.hpp"

#include "caf/test/unit_test.hpp"

namespace view_suite {

using namespace xprober::top;
using namespace xprober::top::test;

CAF_TEST(texts are cut at columns and not at bytes) {
  CAF_CHECK_EQUAL(columns_of("a\u00e9\u4e2d"), 4U);
  CAF_CHECK_EQUAL(columns_of("e\u0301"), 1U);
  CAF_CHECK_EQUAL(cut("abcdef", 4), std::string{"abc\u2026"});
  CAF_CHECK_EQUAL(cut("\u4e2d\u4e2d\u4e2d", 4), std::string{"\u4e2d\u2026"});
  CAF_CHECK_EQUAL(cut("\u4e2d\u4e2d", 4), std::string{"\u4e2d\u4e2d"});
  CAF_CHECK_EQUAL(cut("abc", 0), std::string{});
  CAF_CHECK_EQUAL(fill("\u4e2d", 4), std::string{"\u4e2d  "});
  CAF_CHECK_EQUAL(in_ascii("\u25b8 \u4e2d\u2588\u00fc"), std::string{"+ ??#?"});
  std::string typed = "ae\u0301";
  drop_last(typed);
  CAF_CHECK_EQUAL(typed, std::string{"a"});
  CAF_CHECK_EQUAL(span_text(7300), std::string{"2 h"});
  CAF_CHECK_EQUAL(counted(1'234'567, "a", "b"), std::string{"1,234,567 b"});
  CAF_CHECK_EQUAL(query_escape("a/b&c=\u00e9"), std::string{"a%2Fb%26c%3D%C3%A9"});
}

CAF_TEST(a server is known by its regions and asked for what is shown) {
  view sight{"http://s:6002", listing::failing};
  sight.resize(80, 24);
  auto first = sight.questions();
  CAF_REQUIRE_EQUAL(first.size(), 1U);
  CAF_CHECK_EQUAL(first[0].path, std::string{"/api/v1/regions"});
  CAF_CHECK(has(screen_of(sight), "nothing is known yet"));
  fake_server server;
  server.tell(sight);
  CAF_CHECK(sight.who() == role::server);
  CAF_CHECK_EQUAL(path_of(sight, asked::targets),
                  std::string{"/api/v1/targets?state=failing&sort=state&limit=25"});
  CAF_CHECK_EQUAL(path_of(sight, asked::failing), std::string{});
  server.tell(sight);
  CAF_CHECK(has(screen_of(sight), "there are no targets"));
  CAF_CHECK(sight.fresh());
}

CAF_TEST(a failing target has two lines) {
  fake_server server;
  server.targets = target_list(failing_row(1), 1, 1204);
  server.unwell = target_list("", 12, 1204);
  const auto text = screen_of(sight_of(server));
  CAF_CHECK(has(text, "1 target fails of 1,204, 12 targets are degraded or not known"));
  CAF_CHECK(has(text, "  http://t1.example/  http in eu from us"));
  CAF_CHECK(has(text, "60 s  \u2588\u2588\u2588\u2588\n"));
  CAF_CHECK(has(text, "\n      refused: connecting: refused\n"));
}

CAF_TEST(a strip grows by what is new) {
  fake_server server;
  server.targets = target_list(failing_row(1), 1, 9);
  auto sight = sight_of(server, 80, 24, listing::all);
  server.targets = target_list(
      R"({"uid":"u1","target":"http://t1.example/","probe_type":"http","source_region":"us",)"
      R"("agent":"10.0.0.1","state":"ok","streak":2,"time_unix":1767312099})",
      1, 9);
  server.tell(sight);
  server.targets = target_list(failing_row(1), 1, 9); // one older answer is no new result of it
  server.tell(sight);
  CAF_CHECK(has(screen_of(sight), "\u2588\u2588\u2588\u2588\u2581\u2581\u2588\u2588\u2588\u2588"));
}

CAF_TEST(a strip leaves room for who probes) {
  fake_server server;
  auto row = failing_row(1);
  row.replace(row.find(R"("streak":4)"), 10, R"("streak":40)");
  server.targets = target_list(row, 1, 9);
  const auto marks = [&](std::size_t columns) {
    const auto text = screen_of(sight_of(server, columns));
    CAF_CHECK(has(text, "http://t1.example/  http in eu from us"));
    std::size_t found = 0;
    for (auto at = text.find("\u2588"); at != std::string::npos; at = text.find("\u2588", at + 1)) {
      ++found;
    }
    return found;
  };
  CAF_CHECK_EQUAL(marks(80), 20U);
  CAF_CHECK_EQUAL(marks(200), 30U);
}

CAF_TEST(what a peer says steers no terminal) {
  fake_server server;
  server.targets = target_list(failing_row(1, R"(\u001b]0;x\u0007 a\nb \u202e)"), 1, 1);
  const auto sight = sight_of(server);
  for (const auto& line : sight.lines(now)) {
    CAF_CHECK(std::ranges::none_of(
        line.text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }));
  }
  CAF_CHECK(has(screen_of(sight), R"(\x1b]0;x\x07 a\nb \u202e)"));
  const auto plain = sight.plain_lines(now);
  CAF_CHECK(std::ranges::none_of(plain, [](const auto& line) { return has(line, "\x1b"); }));
}

CAF_TEST(every line has room on any screen) {
  fake_server server;
  std::string rows;
  for (int i = 0; i < 40; ++i) {
    rows += (i == 0 ? "" : ",") +
            failing_row(i, "\u4e2d\u6587 \u4e2d\u6587 \u4e2d\u6587 a long sentence");
  }
  server.targets = target_list(rows, 100'000, 100'000);
  server.incidents =
      R"({"incidents":[{"id":7,"kind":"target","severity":"critical","summary":"target x fails",)"
      R"("opened_unix":1767312000,"reason":"refused","detail":"d","acknowledged":null}],"next":null})";
  server.regions = R"({"regions":[{"region":"us","agents":0,"pairs_as_source":3}]})";
  for (const auto& [columns, lines] : {std::pair{20U, 5U}, std::pair{1U, 1U}, std::pair{3U, 2U},
                                       std::pair{40U, 8U}, std::pair{200U, 60U}}) {
    auto sight = sight_of(server, columns, lines);
    for (int step = 0; step < 60; ++step) {
      const auto shown = sight.lines(now);
      CAF_CHECK_EQUAL(shown.size(), lines);
      CAF_CHECK(std::ranges::all_of(
          shown, [&](const auto& line) { return columns_of(line.text) <= columns; }));
      const bool selects = std::ranges::any_of(shown, &screen_line::selected);
      CAF_CHECK(selects || lines < 2);
      sight.press({step % 7 == 6 ? key::page_down : key::down});
    }
  }
  CAF_CHECK(has(screen_of(sight_of(server)), "100,000 failing targets, worst first, the first 40"));
  CAF_CHECK(has(screen_of(sight_of(server)), "1 region has no agent"));
}

CAF_TEST(more rows are asked for when somebody goes down to them) {
  fake_server server;
  std::string rows = failing_row(0);
  for (int i = 1; i < 25; ++i) {
    rows += "," + failing_row(i);
  }
  server.targets = target_list(rows, 100'000, 100'000);
  auto sight = sight_of(server);
  CAF_CHECK(!sight.take_hurry());
  sight.press({key::last}); // the regions' heading
  sight.press({key::up});
  sight.press({key::down});
  sight.press({key::up});
  CAF_CHECK_EQUAL(path_of(sight, asked::targets),
                  std::string{"/api/v1/targets?state=failing&sort=state&limit=49"});
  // A larger screen asks for more, once: there may be nobody who answers.
  CAF_CHECK(!sight.take_hurry());
  sight.resize(80, 60);
  CAF_CHECK(sight.take_hurry());
  sight.resize(80, 60);
  CAF_CHECK(!sight.take_hurry());
}

CAF_TEST(filter and order are the servers) {
  auto sight = sight_of({});
  type(sight, "/sh&p");
  CAF_CHECK(has(screen_of(sight), "/sh&p_"));
  sight.press({key::erase});
  type(sight, "pq"); // no end: it is typed
  CAF_CHECK(!sight.ended());
  sight.press({key::erase});
  sight.press({key::enter});
  CAF_CHECK(sight.take_hurry());
  CAF_CHECK(has(path_of(sight, asked::targets), "&q=sh%26p"));
  CAF_CHECK_EQUAL(path_of(sight, asked::failing),
                  std::string{"/api/v1/targets?state=failing&limit=1"});
  type(sight, "s");
  CAF_CHECK(has(path_of(sight, asked::targets), "sort=-since&"));
  sight.press({key::tab});
  CAF_CHECK(has(path_of(sight, asked::targets), "?state=failing,degraded,"));
  sight.press({key::tab});
  CAF_CHECK(has(path_of(sight, asked::targets), "?sort=-since"));
  sight.press({key::escape});
  CAF_CHECK(!has(path_of(sight, asked::targets), "q="));
  type(sight, "q");
  CAF_CHECK(sight.ended());
}

CAF_TEST(regions are folded until somebody opens them) {
  fake_server server;
  server.regions = R"({"regions":[{"region":"cn-north","agents":2,"pairs_as_source":3}]})";
  auto sight = sight_of(server);
  CAF_CHECK(has(screen_of(sight), "\u25b8 1 region\n"));
  CAF_CHECK(!has(screen_of(sight), "cn-north"));
  sight.press({key::last});
  sight.press({key::enter});
  CAF_CHECK(has(screen_of(sight), "cn-north  2 agents, probes 3 groups"));
}

CAF_TEST(enter shows a target and escape goes back) {
  fake_server server;
  server.targets = target_list(failing_row(1), 1, 1);
  server.detail =
      R"({"uid":"u1","target":"http://t1.example/","region":"eu","probe_type":"http","labels":)"
      R"({"team":"shop"},"sources":[{"source_region":"us","agent":"10.0.0.1","state":"failing",)"
      R"("reason":"refused","detail":"connecting: refused","streak":4,"phases_ms":{"resolve":0.5}}]})";
  auto sight = sight_of(server);
  sight.press({key::down});
  sight.press({key::down});
  sight.press({key::enter});
  CAF_CHECK(has(screen_of(sight), "asking"));
  CAF_CHECK_EQUAL(path_of(sight, asked::detail), std::string{"/api/v1/target/u1"});
  CAF_CHECK_EQUAL(path_of(sight, asked::history), std::string{"/api/v1/history?from=1h&uid=u1"});
  server.tell(sight);
  const auto text = screen_of(sight);
  CAF_CHECK(has(text, "team=shop"));
  CAF_CHECK(has(text, "failing  from us (10.0.0.1), 4 results"));
  CAF_CHECK(has(text, "resolve 0.500 ms"));
  sight.press({key::escape});
  CAF_CHECK(has(screen_of(sight), "1 failing target"));
}

CAF_TEST(a server that is gone leaves its last picture marked as old) {
  fake_server server;
  server.targets = target_list(failing_row(1), 1, 1);
  auto sight = sight_of(server);
  sight.take(sight.questions().front(), 200, server.regions);
  sight.failed("connect: refused");
  CAF_CHECK(!sight.end_round(now + 5));
  sight.failed("connect: refused");
  sight.end_round(now + 7);
  const auto text = screen_of(sight, now + 12);
  CAF_CHECK(has(text, "OLD, of 00:01:40 UTC; no answer for 7 s: connect: refused"));
  CAF_CHECK(has(text, "http://t1.example/"));
  CAF_CHECK(!sight.fresh());
  server.tell(sight, now + 13);
  CAF_CHECK(!has(screen_of(sight, now + 13), "OLD"));
}

CAF_TEST(a refusal says what is missing) {
  view sight{"http://s:6002", listing::failing};
  sight.resize(80, 24);
  sight.take(sight.questions().front(), 401, "");
  CAF_CHECK(!sight.end_round(now));
  CAF_CHECK(has(screen_of(sight), "status 401, it wants a token (--token-file): /api"));
  sight.take(sight.questions().front(), 200, "<html>");
  CAF_CHECK(!sight.end_round(now));
  CAF_CHECK(has(sight.problem(), "not a JSON object"));
  // Deep is not large.
  sight.take(sight.questions().front(), 200, "{\"regions\":" + std::string(1'000'000, '['));
  CAF_CHECK(!sight.end_round(now));
}

CAF_TEST(an agent has no regions and is filtered here) {
  view sight{"http://a:8087", listing::failing};
  sight.resize(100, 24);
  sight.take(sight.questions().front(), 404, "");
  CAF_CHECK(sight.end_round(now));
  CAF_CHECK(sight.who() == role::agent);
  const std::string listed =
      R"({"targets":[{"uid":"a1","target":"http://x.example/","region":"eu","probe_type":"http",)"
      R"("state":"failing","last":{"time_unix":1767312090.5,"error":"refused","detail":"no"}},)"
      R"({"uid":"a2","target":"http://shop.example/","region":"eu","probe_type":"http",)"
      R"("state":"failing","last":{"time_unix":1767312091.5,"error":"timeout","detail":"late"}}],)"
      R"("matching":2,"total":9,"ok":7,"failing":2,"prober_fault":0,"waiting":0})";
  const std::string story =
      R"({"results":[{"time_unix":1767312090,"success":false},{"time_unix":1767312075,"success":true},)"
      R"({"time_unix":1767312080,"success":false}]})";
  const auto round = [&] {
    for (const auto& one : sight.questions()) {
      sight.take(one, 200, one.what == asked::story ? story : listed);
    }
    sight.end_round(now);
  };
  round();
  CAF_CHECK_EQUAL(path_of(sight, asked::targets), std::string{"/targets?state=failing&limit=25"});
  CAF_CHECK_EQUAL(path_of(sight, asked::story), std::string{"/targets/a1"});
  round();
  CAF_CHECK_EQUAL(path_of(sight, asked::story), std::string{}); // nothing is new
  auto text = screen_of(sight);
  CAF_CHECK(has(text, "2 targets fail of 9"));
  CAF_CHECK(has(text, "20 s  \u2581\u2588\u2588"));
  CAF_CHECK(has(text, "timeout: late"));
  type(sight, "/SHOP");
  sight.press({key::enter});
  CAF_CHECK_EQUAL(path_of(sight, asked::targets), std::string{"/targets?state=failing&limit=1000"});
  round();
  text = screen_of(sight);
  CAF_CHECK(has(text, "1 failing target with \"SHOP\""));
  CAF_CHECK(!has(text, "x.example"));
}

CAF_TEST(an agents last results that all fail say how long it has been at least) {
  view sight{"http://a:8087", listing::failing};
  sight.resize(100, 24);
  sight.take(sight.questions().front(), 404, "");
  sight.end_round(now);
  const auto tell = [&](std::int64_t oldest, bool first_is_ok = false) {
    std::string results;
    for (auto time = oldest; time < oldest + 5; ++time) {
      const bool ok = first_is_ok && time == oldest;
      results += (time == oldest ? "" : ",") + std::string{R"({"time_unix":)"} +
                 std::to_string(time) + R"(,"success":)" + (ok ? "true}" : "false}");
    }
    const auto listed =
        R"({"targets":[{"uid":"a1","target":"x","probe_type":"tcp","state":"failing",)"
        R"("last":{"time_unix":)" +
        std::to_string(oldest + 4) + R"(}}],"matching":1,"total":1,"failing":1})";
    for (int round = 0; round < 2; ++round) { // the first says that there is something new
      for (const auto& one : sight.questions()) {
        sight.take(one, 200,
                   one.what == asked::story ? R"({"results":[)" + results + "]}" : listed);
      }
      sight.end_round(now);
    }
    return screen_of(sight);
  };
  CAF_CHECK(has(tell(now - 14), "over 14 s  \u2588\u2588\u2588\u2588\u2588\n"));
  // These go back to some of those.
  CAF_CHECK(has(tell(now - 12), "over 14 s"));
  CAF_CHECK(has(sight.plain_lines(now)[1], ", at least since 2026-01-02T00:01:26Z"));
  CAF_CHECK(has(tell(now - 10), "over 14 s"));
  // What was between these and those is not known.
  CAF_CHECK(has(tell(now - 6), "over 6 s"));
  CAF_CHECK(has(tell(now - 5, true), " 4 s  \u2581"));
  CAF_CHECK(!has(screen_of(sight), "over"));
  CAF_CHECK(has(tell(now - 3), " 4 s  \u2588"));
  CAF_CHECK(!has(screen_of(sight), "over"));
}

CAF_TEST(an agent that says since when a target fails is believed) {
  CAF_MESSAGE("whatever its story goes back to");
  picture now;
  now.targets.push_back({});
  now.targets[0].uid = "a1";
  now.targets[0].since_unix = 1000;
  CAF_CHECK(take_story(now, "a1", R"({"results":[{"time_unix":5000,"success":false}]})").empty());
  CAF_CHECK_EQUAL(now.targets[0].since_unix, 1000);
  CAF_CHECK(!now.targets[0].since_at_least);
  CAF_CHECK(!now.targets[0].strip.empty());
}

CAF_TEST(the selected row stays selected when others come before it) {
  fake_server server;
  server.targets = target_list(failing_row(5), 1, 9);
  auto sight = sight_of(server);
  sight.press({key::down});
  sight.press({key::down});
  server.targets = target_list(failing_row(1) + "," + failing_row(5), 2, 9);
  server.tell(sight);
  const auto shown = sight.lines(now);
  const auto selected = std::ranges::find_if(shown, &screen_line::selected);
  CAF_REQUIRE(selected != shown.end());
  CAF_CHECK(has(selected->text, "http://t5"));
}

CAF_TEST(piped there is a line for each) {
  fake_server server;
  server.targets = target_list(failing_row(1), 3, 1204);
  const auto lines = sight_of(server, 1000, 1000).plain_lines(now);
  CAF_REQUIRE_EQUAL(lines.size(), 3U);
  CAF_CHECK_EQUAL(lines[0],
                  std::string{"2026-01-02T00:01:40Z http://s:6002: 3 targets fail of 1,204"});
  CAF_CHECK_EQUAL(lines[1],
                  std::string{"2026-01-02T00:01:40Z failing http://t1.example/  http in eu from "
                              "us, since 2026-01-02T00:00:40Z: refused: connecting: refused"});
  CAF_CHECK_EQUAL(lines[2], std::string{"2026-01-02T00:01:40Z and 2 more targets"});
}

} // namespace view_suite
