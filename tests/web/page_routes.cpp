#define CAF_SUITE page_routes

#include "xprober/web/page_routes.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "web/routes_fixture.hpp"

#include "caf/test/unit_test.hpp"

namespace page_routes_suite {

using namespace xprober;
using namespace routes_test;

namespace {

/// The files that a document names.
std::vector<std::string> files_of(std::string_view document) {
  constexpr std::string_view mark = "\"/assets/";
  std::vector<std::string> names;
  for (auto at = document.find(mark); at != document.npos; at = document.find(mark, at)) {
    at += mark.size();
    names.emplace_back(document.substr(at, document.find('"', at) - at));
  }
  return names;
}

std::string field(const net::http_response& answer, net::http::field name) {
  const auto value = answer[name];
  return {value.data(), value.size()};
}

struct page_fixture : fixture {
  page_fixture() : fixture(sample::server_stats()) {
    web::add_page_routes(routes, web::site_role::server);
  }

  net::http_response file(std::string_view name, std::string coding) {
    net::http_request question{net::http::verb::get, "/assets/" + std::string{name}, 11};
    if (!coding.empty()) {
      question.set(net::http::field::accept_encoding, coding);
    }
    return request(question);
  }

  void check(std::string_view name, const std::string& coding, std::string_view content) {
    const auto answer = file(name, coding);
    CAF_CHECK_EQUAL(answer.result_int(), 200u);
    CAF_CHECK(answer.body() == content);
    CAF_CHECK_EQUAL(field(answer, net::http::field::content_encoding), coding);
    CAF_CHECK_EQUAL(field(answer, net::http::field::vary), "Accept-Encoding");
    CAF_CHECK_EQUAL(field(answer, net::http::field::cache_control),
                    "public, max-age=31536000, immutable");
    // A worker may do what its own answer says: it asks this program.
    const auto policy = answer["Content-Security-Policy"];
    CAF_CHECK(policy.find("default-src 'none'; connect-src 'self';") == 0u);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(page_routes_tests, page_fixture)

CAF_TEST(a page is asked for anew and loads nothing from elsewhere) {
  const auto answer = get("/map");
  CAF_CHECK_EQUAL(answer.result_int(), 200u);
  CAF_CHECK_EQUAL(field(answer, net::http::field::content_type), "text/html; charset=utf-8");
  CAF_CHECK_EQUAL(field(answer, net::http::field::cache_control), "no-store");
  const auto policy = answer["Content-Security-Policy"];
  CAF_CHECK(policy.find("default-src 'self'") == 0u);
  CAF_CHECK(policy.find("unsafe") == policy.npos);
  CAF_CHECK(answer.body().find("xprober server") != std::string::npos);
  CAF_CHECK(answer.body().find(" style=") == std::string::npos);
  CAF_CHECK(answer.body().find("<script>") == std::string::npos);
}

CAF_TEST(a document names files that are there) {
  for (const auto role : {web::site_role::server, web::site_role::agent}) {
    const auto names = files_of(web::site_page(role));
    for (const auto& name : names) {
      CAF_MESSAGE(name);
      CAF_CHECK_EQUAL(file(name, "").result_int(), 200u);
    }
  }
}

CAF_TEST(every file is named by a document or by what it loads) {
  auto named = files_of(web::site_page(web::site_role::server));
  const auto is_named = [&](const web::site_file& each) {
    return std::ranges::find(named, each.name) != named.end();
  };
  for (const auto& loads : web::site_files()) {
    for (const auto& each : web::site_files()) {
      if (is_named(loads) &&
          loads.plain.find("/assets/" + std::string{each.name}) != loads.plain.npos) {
        named.emplace_back(each.name);
      }
    }
  }
  CAF_CHECK(std::ranges::all_of(web::site_files(), is_named));
}

CAF_TEST(files are sent in the coding that is wanted) {
  for (const auto& each : web::site_files()) {
    CAF_MESSAGE(std::string{each.name});
    CAF_CHECK(!each.plain.empty());
    check(each.name, "", each.plain);
    if (!each.gzip.empty()) {
      CAF_CHECK(each.gzip.size() < each.plain.size());
      check(each.name, "gzip", each.gzip);
    }
    if (!each.brotli.empty()) {
      CAF_CHECK(each.brotli.size() < each.plain.size());
      check(each.name, "br", each.brotli);
    }
  }
}

CAF_TEST(a file of another build is not found and nobody keeps that) {
  const auto answer = file("app.000000000000.js", "gzip");
  CAF_CHECK_EQUAL(answer.result_int(), 404u);
  CAF_CHECK_EQUAL(field(answer, net::http::field::cache_control), "no-store");
  CAF_CHECK_EQUAL(get("/assets/").result_int(), 404u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace page_routes_suite
