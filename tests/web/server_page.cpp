#define CAF_SUITE server_page

#include "xprober/web/page.hpp"

#include <memory>
#include <string>

#include "web/sample.hpp"

#include "caf/test/unit_test.hpp"

namespace server_page_suite {

using namespace xprober;
using namespace xprober::web;

namespace {

std::string page_of(store_snapshot store) {
  server_page_data data;
  data.head.now = sample::at();
  data.stats = sample::server_stats();
  data.store = std::make_shared<const store_snapshot>(std::move(store));
  return server_page(data);
}

bool has(const std::string& html, std::string_view text) {
  return html.find(text) != std::string::npos;
}

} // namespace

CAF_TEST(every kind that has results has a section) {
  const auto html = page_of(sample::store_with_toys());
  for (const auto* text : {"Regions: time and loss (icmp)", "Regions: time and loss (toy_mesh)",
                           "URLs (http)", "Ports (toy)", "cn-north → cn-south: 1 of 4 fail"}) {
    CAF_MESSAGE(text);
    CAF_CHECK(has(html, text));
  }
  CAF_CHECK(has(html, ">a:1<"));
  CAF_CHECK(html.find(">b:1<") < html.find(">a:1<")); // failing first
  CAF_CHECK(has(html, "6.00 ms"));                    // both phases of a:1
  CAF_CHECK(has(html, "<td class=\"warning\">8.00 ms<small>25 % loss</small>"));
}

CAF_TEST(a kind without results has no section but that of the mesh) {
  const auto html = page_of({});
  CAF_CHECK(has(html, "Regions: time and loss (icmp)"));
  CAF_CHECK(!has(html, "URLs"));
}

CAF_TEST(the overview counts what is down over all kinds) {
  const auto html = page_of(sample::store_with_toys());
  CAF_CHECK(has(html, "Region pairs down"));
  CAF_CHECK(has(html, "<em>of 6</em>")); // five of icmp, one of toy_mesh
  CAF_CHECK(has(html, "Endpoints down"));
  CAF_CHECK(has(html, "<em>of 4 (by region)</em>"));
  CAF_CHECK(has(html, "3 icmp · 2 http"));
}

CAF_TEST(there is an end to kinds on a page) {
  store_snapshot store;
  for (int i = 0; i < 500; ++i) {
    auto kind = samples::toy();
    kind.name += std::to_string(i);
    store.kinds.push_back(sample::results_of(kind));
    sample::add_group(store.kinds.back(), "a", "<b>x</b>:" + std::to_string(i), 1, 0, {{1, 2}});
  }
  const auto html = page_of(store);
  CAF_CHECK(has(html, "and 480 more kinds of probes"));
  CAF_CHECK(!has(html, "<b>x</b>"));
  CAF_CHECK(html.size() < 200'000);
}

CAF_TEST(kinds of agents push no built in kind off the page) {
  store_snapshot store;
  for (int i = 0; i < 500; ++i) {
    auto kind = samples::toy_mesh();
    kind.name += std::to_string(i);
    store.kinds.push_back(sample::results_of(kind));
    sample::add_group(store.kinds.back(), "a", "b", 1, 0, {{2, 8}});
  }
  store.kinds.push_back(sample::results_of(kinds::http()));
  sample::add_group(store.kinds.back(), "a", "http://x/", 1, 0, {{1, 2}});
  const auto html = page_of(store);
  const auto own = html.find("URLs (http)");
  CAF_REQUIRE(own != std::string::npos);
  CAF_CHECK(own < html.find("(toy_mesh0)"));
  // The limit is of sections: one is that of the URLs. Kinds without results are none.
  CAF_CHECK(has(html, "and 481 more kinds of probes"));
}

} // namespace server_page_suite
