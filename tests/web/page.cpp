#define CAF_SUITE page

#include "xprober/web/page.hpp"

#include "web/sample.hpp"

#include "caf/test/unit_test.hpp"

namespace page_suite {

using namespace xprober;
using namespace xprober::web;

namespace {

agent_page_data agent_data() {
  agent_page_data data;
  data.head = {"cn-north", "10.0.0.1", sample::at()};
  data.stats = sample::agent_stats();
  data.presenters = sample::presenters();
  data.all = sample::listing();
  data.failing = data.all;
  std::erase_if(data.failing.lines, [](const auto& line) { return line.state != "failing"; });
  return data;
}

server_page_data server_data() {
  server_page_data data;
  data.head.now = sample::at();
  data.stats = sample::server_stats();
  data.store = std::make_shared<const store_snapshot>(sample::store_with_targets());
  data.agents = sample::agents();
  return data;
}

bool has(const std::string& html, std::string_view text) {
  return html.find(text) != std::string::npos;
}

} // namespace

CAF_TEST(an agents page tells who it is) {
  const auto html = agent_page(agent_data());
  CAF_CHECK(html.starts_with("<!doctype html>"));
  for (const auto* text : {"agent", "<b>cn-north</b>", "10.0.0.1", "version 0.1.0", "up 2 h 3 min",
                           "2026-01-02T03:04:05Z"}) {
    CAF_MESSAGE(text);
    CAF_CHECK(has(html, text));
  }
}

CAF_TEST(failing targets come first with their reason) {
  auto data = agent_data();
  std::reverse(data.all.lines.begin(), data.all.lines.end());
  const auto html = agent_page(data);
  CAF_CHECK(has(html, "no_reply: no reply to 50 echoes"));
  CAF_CHECK(has(html, "connect_timeout: connecting to 192.0.2.9:443"));
  CAF_CHECK(html.find("10.1.2.4") < html.find("10.1.2.3"));
  CAF_CHECK(html.find("10.1.2.4") == html.rfind(">10.1.2.4<") + 1); // and only once
}

CAF_TEST(targets show what was measured) {
  const auto html = agent_page(agent_data());
  for (const auto* text : {"0.250 ms", "2 %", "49/50 echoes", "status 200", "1.50 · 10.2 · 30.5",
                           "87.2 ms", "state waiting", "3 s ago"}) {
    CAF_MESSAGE(text);
    CAF_CHECK(has(html, text));
  }
  CAF_CHECK(has(html, "targets/" + uid_text(sample::icmp_uid("10.1.2.3"))));
}

CAF_TEST(names from other machines are escaped) {
  auto data = agent_data();
  data.head.region = "<script>alert(1)</script>";
  data.all.lines[2].uid.address = "\"><img src=x onerror=alert(1)>";
  data.all.lines[2].state = "ok\" onclick=\"x";
  data.stats.sync.last_error = "<b>bold</b>";
  data.stats.actors["<i>"] = {};
  const auto html = agent_page(data);
  CAF_CHECK(!has(html, "<script>alert"));
  CAF_CHECK(!has(html, "<img src=x"));
  CAF_CHECK(!has(html, "class=\"state ok\" onclick"));
  CAF_CHECK(!has(html, "<b>bold</b>"));
  CAF_CHECK(!has(html, "<th><i>"));
  CAF_CHECK(has(html, "&lt;script&gt;alert(1)&lt;/script&gt;"));
}

CAF_TEST(a page is bounded and says how much is left out) {
  auto data = agent_data();
  data.all.lines.assign(5000, data.all.lines[2]);
  data.all.total = 1'000'000;
  data.all.ok = 999'998;
  const auto html = agent_page(data);
  CAF_CHECK(has(html, "and 999,800 more"));
  CAF_CHECK(html.size() < 200'000);
}

CAF_TEST(a part that cannot be shown says why) {
  auto data = agent_data();
  data.targets_problem = "timeout: an actor did not answer";
  CAF_CHECK(has(agent_page(data), "The targets cannot be shown: timeout"));
  auto server = server_data();
  server.store = nullptr;
  server.store_problem = "the store is down";
  server.agents_problem = "the registry is down";
  const auto html = server_page(server);
  CAF_CHECK(has(html, "The results cannot be shown: the store is down"));
  CAF_CHECK(has(html, "The agents cannot be shown: the registry is down"));
}

CAF_TEST(a page before the first result is whole) {
  agent_page_data agent;
  agent.stats.role = "agent";
  CAF_CHECK(has(agent_page(agent), "No targets yet"));
  server_page_data server;
  server.stats.role = "server";
  server.store = std::make_shared<const store_snapshot>();
  const auto html = server_page(server);
  CAF_CHECK(has(html, "No results between regions yet"));
  CAF_CHECK(has(html, "No agent has asked for targets yet"));
}

CAF_TEST(a servers page has the matrix and names the pair that is down) {
  const auto html = server_page(server_data());
  CAF_CHECK(has(html, "cn-south → eu-west: 10 of 10 fail, 100 % lost"));
  CAF_CHECK(has(html, "<td class=\"bad\">down<small>100 % loss</small>"));
  CAF_CHECK(has(html, "<td class=\"good\">31.0 ms<small>0 % loss</small></td>"));
  CAF_CHECK(has(html, "<td class=\"warning\">31.2 ms<small>0.5 % loss</small>"));
}

CAF_TEST(a servers page lists URLs targets and agents) {
  const auto html = server_page(server_data());
  CAF_CHECK(has(html, "https://www.example/?a=&quot;1&quot;"));
  CAF_CHECK(has(html, "368 ms"));
  CAF_CHECK(has(html, "cn-north (10.0.0.1)"));
  CAF_CHECK(has(html, "203.0.113.5:40212"));
  CAF_CHECK(html.find("10.9.9.9") < html.find(">10.1.2.3<")); // failing first
}

CAF_TEST(a server with very many targets does not list them) {
  auto data = server_data();
  data.with_targets = false;
  const auto html = server_page(data);
  CAF_CHECK(has(html, "There are too many to list them here"));
  CAF_CHECK(!has(html, "10.9.9.9"));
}

CAF_TEST(a large matrix is cut) {
  store_snapshot store;
  store.kinds.push_back(sample::results_of(kinds::icmp()));
  for (int i = 0; i < 50; ++i) {
    sample::add_group(store.kinds[0], "r" + std::to_string(i), "r0", 1, 0, {});
  }
  auto data = server_data();
  data.store = std::make_shared<const store_snapshot>(store);
  CAF_CHECK(has(server_page(data), "and 20 more regions"));
}

CAF_TEST(the page needs nothing from elsewhere and names its script) {
  for (const auto& html : {agent_page(agent_data()), server_page(server_data())}) {
    CAF_CHECK(!has(html, "<link rel=\"stylesheet\""));
    CAF_CHECK(!has(html, "src=\"http"));
    CAF_CHECK(has(html, page_css()));
    CAF_CHECK(has(html, page_js()));
  }
  // A script that holds this would end early.
  CAF_CHECK(page_js().find("</") == std::string_view::npos);
  const auto policy = page_security_policy();
  CAF_CHECK(policy.find("script-src 'sha256-") != std::string::npos);
  CAF_CHECK(policy.find("default-src 'none'") != std::string::npos);
}

} // namespace page_suite
