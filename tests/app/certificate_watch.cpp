#define CAF_SUITE certificate_watch

#include "xprober/app/certificate_watch.hpp"

#include <fstream>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "net/io_thread.hpp"
#include "net/test_certs.hpp"
#include "xprober/base/certificate_maker.hpp"
#include "xprober/base/log.hpp"

#include "caf/test/dsl.hpp"

namespace certificate_watch_suite {

using namespace xprober;
using namespace std::chrono_literals;
using app::own_certificate;
using app::own_certificates;

namespace {

constexpr std::int64_t day = 86'400;
const own_certificate named{"rpc.cert_file", "/s.pem"};

std::string warning(std::int64_t life_days, std::int64_t left) {
  const std::int64_t until = 1'767'268'800; // 2026-01-01T12:00:00Z
  return end_warning(named, {until - life_days * day, until}, until - left);
}

struct fixture {
  fixture() { log::set_level(log::level::off); }
  ~fixture() {
    files.refuse();
    io.stop();
    log::set_level(log::level::info);
  }

  /// What is told of a certificate of such a life.
  std::vector<std::string> told(std::chrono::seconds life) {
    const auto authority = make_authority();
    const auto request = make_certificate_request();
    const auto file = certs.path("own.pem");
    std::ofstream{file} << issue_agent_certificate(authority, request.certificate, "n", life);
    std::promise<std::vector<std::string>> result;
    bool is_first = true;
    app::certificate_watch subject{
        io.context,
        files,
        {[&] { return std::vector<own_certificate>{{"web.cert_file", file}}; },
         [&](std::vector<std::string> lines) {
           if (std::exchange(is_first, false)) {
             result.set_value(std::move(lines));
           }
         }}};
    subject.watch();
    auto lines = result.get_future().get();
    io.stop(); // the watch goes on for as long as its context
    return lines;
  }

  test::test_certs certs;
  test::io_thread io;
  app::reading_thread files;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(certificate_watch_tests, fixture)

CAF_TEST(an end is told a month before) {
  CAF_CHECK_EQUAL(warning(825, 30 * day), "");
  CAF_CHECK_EQUAL(warning(825, 30 * day - 1),
                  "rpc.cert_file: the certificate of /s.pem ends in 29 days, at "
                  "2026-01-01T12:00:00Z; put another one there, and reload (SIGHUP)");
  CAF_CHECK(warning(825, day + 5).find(" ends in 1 day, at ") != std::string::npos);
  CAF_CHECK(warning(825, 5).find(" ends today, at ") != std::string::npos);
  CAF_CHECK(warning(825, 0).find(" has ended at 2026-01-01T12:00:00Z") != std::string::npos);
}

CAF_TEST(who renews short ones has time for it) {
  CAF_CHECK_EQUAL(warning(90, 23 * day), "");
  CAF_CHECK(!warning(90, 22 * day).empty());
  CAF_CHECK_EQUAL(warning(8, 2 * day), "");
  CAF_CHECK(!warning(8, 2 * day - 1).empty());
}

CAF_TEST(each file is looked at once) {
  server_config config;
  CAF_CHECK(own_certificates(config).empty());
  config.rpc.cert_file = config.web.cert_file = "/s.pem";
  config.rpc.join_ca_file = "/ca.pem";
  CAF_CHECK((own_certificates(config) ==
             std::vector<own_certificate>{{"rpc.cert_file and web.cert_file", "/s.pem"},
                                          {"rpc.join_ca_file", "/ca.pem"}}));
}

CAF_TEST(a certificate that has just begun is well) { CAF_CHECK(told(40h * 24).empty()); }

CAF_TEST(a certificate that has ended is told) {
  const auto lines = told(0s);
  CAF_REQUIRE_EQUAL(lines.size(), 1u);
  CAF_CHECK(lines[0].starts_with("web.cert_file: the certificate of " + certs.path("own.pem")));
  CAF_CHECK(lines[0].find(" has ended at ") != std::string::npos);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace certificate_watch_suite
