#define CAF_SUITE result_printer

#include "xprober/app/result_printer.hpp"

#include <sstream>

#include "xprober/app/probers.hpp"
#include "xprober/app/table.hpp"
#include "xprober/domain/kind_table.hpp"

#include "support/samples.hpp"
#include "support/toy_kinds.hpp"

#include "caf/test/unit_test.hpp"

namespace result_printer_suite {

using namespace xprober;
using namespace xprober::app;
using texts = std::vector<std::string>;

namespace {

const kind_presenter& presenter_of(const probe_kind& kind) {
  return *find_prober(builtin_probers(), kind)->presenter;
}

probe_outcome with_address(probe_outcome outcome) {
  outcome.address = "192.0.2.1";
  outcome.duration = std::chrono::milliseconds{4};
  return outcome;
}

} // namespace

CAF_TEST(a kind that nobody has heard of has its phases for columns) {
  const kind_presenter presenter{samples::toy()};
  const auto printer = phase_printer(presenter);
  CAF_CHECK((printer->heading() == texts{"TARGET", ">WIND", ">SPIN", ">TOTAL", "NOTES"}));
  const auto good = with_address(samples::toy_success(1.5F, 2.5F, 42));
  CAF_CHECK((printer->row("a:1", good) == texts{"a:1", "1.500", "2.500", "4.000", ""}));
  CAF_CHECK(printer->is_good(good));
  auto bad = with_address(samples::toy_failure(1.5F));
  bad.detail = "spinning: stuck";
  CAF_CHECK((printer->row("a:1", bad) ==
             texts{"a:1", "1.500", "-", "4.000", "refused: spinning: stuck"}));
  CAF_CHECK(!printer->is_good(bad));
}

CAF_TEST(its object has what all have and what it measures) {
  const kind_presenter presenter{samples::toy()};
  const auto printer = phase_printer(presenter);
  CAF_CHECK_EQUAL(
      printer->object("a:1", with_address(samples::toy_success(1.5F, 2.5F, 42))).dump(),
      R"({"target":"a:1","address":"192.0.2.1","success":true,"error":null,"detail":null,)"
      R"("level":42,"noise":0.5,"failed_phase":null,"phases_ms":{"wind":1.5,"spin":2.5},)"
      R"("resolve_cached":false,"duration_ms":4.0})");
  auto bad = with_address(samples::toy_failure(1.5F));
  bad.detail = "spinning: stuck";
  const auto line = printer->object("a:1", bad);
  CAF_CHECK_EQUAL(line.at("error").get<std::string>(), "refused");
  CAF_CHECK_EQUAL(line.at("detail").get<std::string>(), "spinning: stuck");
  CAF_CHECK_EQUAL(line.at("failed_phase").get<std::string>(), "spin");
}

CAF_TEST(ping shows echoes) {
  const auto printer = echo_printer(presenter_of(kinds::icmp()));
  CAF_CHECK_EQUAL(printer->heading().size(), 14U);
  const auto row = printer->row("h", with_address(samples::success(10)));
  CAF_CHECK((row == texts{"h", "192.0.2.1", "10", "10", "0.0%", "1.500", "1.500", "1.500", "1.500",
                          "1.500", "0.000", "0.000", "64", ""}));
  const auto line = printer->object("h", with_address(samples::success(10)));
  for (const auto* key : {"target", "address", "sent", "received", "loss_percent", "rtt_ms",
                          "resolve_cached", "error"}) {
    CAF_CHECK(line.contains(key));
  }
  CAF_CHECK_EQUAL(line.at("rtt_ms").at("avg").get<double>(), 1.5);
}

CAF_TEST(ping is content when every echo was answered) {
  const auto printer = echo_printer(presenter_of(kinds::icmp()));
  CAF_CHECK(printer->is_good(samples::success(10)));
  auto some = samples::success(10);
  some.values = samples::echoes(10, 9, 1.5F);
  CAF_CHECK(!printer->is_good(some));
  CAF_CHECK(!printer->is_good(samples::failure(probe_error::local_no_socket)));
  const auto row = printer->row("h", samples::failure(probe_error::resolve_not_found, "no h"));
  CAF_CHECK_EQUAL(row[4], "-");
  CAF_CHECK_EQUAL(row.back(), "resolve_not_found: no h");
}

CAF_TEST(on a terminal there is a line for each result and one for all) {
  const auto ping = echo_printer(presenter_of(kinds::icmp()), 56);
  CAF_CHECK(ping->has_echoes());
  CAF_CHECK_EQUAL(ping->line("h", echo_answer{0, std::chrono::microseconds{1500}, 64, "192.0.2.1"}),
                  "64 bytes from h (192.0.2.1): seq=1 ttl=64 time=1.500 ms");
  const auto answered = with_address(samples::success(10));
  CAF_CHECK_EQUAL(ping->summary({&answered}),
                  "10 echoes sent, 10 answered, 0.0% lost; rtt min/avg/p99/max/stddev = "
                  "1.500/1.500/1.500/1.500/0.000 ms");
  const kind_presenter presenter{samples::toy()};
  const auto toy = phase_printer(presenter);
  CAF_CHECK(!toy->has_echoes());
  const auto good = with_address(samples::toy_success(1.5F, 2.5F, 42));
  auto bad = with_address(samples::toy_failure(1.5F));
  bad.detail = "stuck";
  CAF_CHECK_EQUAL(toy->line("a:1", good),
                  "a:1 (192.0.2.1): wind 1.500 ms, spin 2.500 ms, total 4.000 ms");
  CAF_CHECK_EQUAL(toy->line("a:1", bad),
                  "a:1 (192.0.2.1): refused: stuck; wind 1.500 ms, total 4.000 ms");
  CAF_CHECK_EQUAL(toy->summary({&good, &bad}), "2 probes, 1 succeeded, 50.0% failed; total "
                                               "min/avg/max = 4.000/4.000/4.000 ms");
}

CAF_TEST(http shows its phases and the status) {
  const auto printer = url_printer(presenter_of(kinds::http()));
  auto outcome = with_address({});
  outcome.success = true;
  outcome.values = samples::http_values({1, 2, 0, 4, 5}, 204);
  CAF_CHECK(
      (printer->row("http://a/", outcome) ==
       texts{"http://a/", "204", "1.000", "2.000", "0.000", "4.000", "5.000", "4.000", "0", ""}));
  const auto line = printer->object("http://a/", outcome);
  CAF_CHECK_EQUAL(line.dump(),
                  R"({"url":"http://a/","status":204,"success":true,"phases_ms":{"resolve":1.0,)"
                  R"("connect":2.0,"tls":0.0,"processing":4.0,"transfer":5.0},"redirects":0,)"
                  R"("failed_phase":null,"http_version":null,"tls":null,"address":"192.0.2.1",)"
                  R"("resolve_cached":false,"duration_ms":4.0,"error":null})");
  const auto none = printer->object("http://a/", samples::failure(probe_error::refused, "nobody"));
  CAF_CHECK_EQUAL(none.at("status").get<int>(), 0);
  CAF_CHECK_EQUAL(none.at("error").get<std::string>(), "refused: nobody");
}

CAF_TEST(a table is as wide as what stands in it) {
  table rows{{"NAME", ">N", "NOTE"}};
  rows.add({"gr\u00f6\u00dfe", "7"});
  rows.add({"a", "12345", "x", "of no column"});
  std::ostringstream out;
  rows.print(out);
  const auto text = out.str();
  CAF_CHECK_EQUAL(text, "NAME       N  NOTE\n"
                        "gr\u00f6\u00dfe      7\n"
                        "a      12345  x\n");
}

} // namespace result_printer_suite
