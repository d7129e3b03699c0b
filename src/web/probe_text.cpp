#include "xprober/web/probe_text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include "xprober/base/log_line.hpp"
#include "xprober/domain/address.hpp"
#include "xprober/domain/target_text.hpp"
#include "xprober/domain/time_text.hpp"
#include "xprober/web/gauge_text.hpp"
#include "xprober/web/prometheus_text.hpp"
#include "xprober/web/text.hpp"

namespace xprober::web {

namespace {

using enum metric_type;

double seconds(nanoseconds time) { return std::chrono::duration<double>(time).count(); }

/// FNV-1a of the bytes of an address in 32 bits.
double address_hash(const ip_address& address) {
  std::uint32_t hash = 2166136261U;
  for (std::size_t i = 0; i < (address.v6 ? 16U : 4U); ++i) {
    hash = (hash ^ address.bytes[i]) * 16777619U;
  }
  return hash;
}

void append_address(prometheus_text& out, const probe_story& story) {
  const auto address = parse_ip(story.first_address.substr(0, story.first_address.find('%')));
  out.single("probe_ip_addr_hash", gauge,
             "Specifies the hash of IP address. It's useful to detect if the IP address changes.",
             address ? address_hash(*address) : 0);
  out.single("probe_ip_protocol", gauge, "Specifies whether probe ip protocol is IP4 or IP6",
             !address      ? 0
             : address->v6 ? 6
                           : 4);
}

void append_failure(prometheus_text& out, const kind_presenter& presenter,
                    const probe_outcome& outcome) {
  out.single("xprober_probe_local_error", gauge,
             "1 when the probe failed of the prober's own fault.", is_local(outcome.error) ? 1 : 0);
  if (outcome.success) {
    return;
  }
  out.family("xprober_probe_failure_info", gauge,
             "Always 1; the labels tell why the probe failed.");
  out.sample(1, {{"reason", to_string(outcome.error)}, {"phase", presenter.failed_phase(outcome)}});
}

class log_writer {
public:
  log_writer(std::string& out, const probe_question& question, const probe_answer& answer)
      : out_(out), question_(question), outcome_(answer.outcome), shown_(question.target) {
    const prober_name type{*answer.module->prober};
    if (outcome_.error == probe_error::bad_target) {
      shown_ = without_user(type, shown_); // where the user ends is not known
    } else {
      take_user(type, shown_);
    }
  }

  void line(nanoseconds at, std::string_view level, std::string_view text,
            const std::vector<std::pair<std::string, std::string>>& fields) {
    const auto time = outcome_.started + std::chrono::duration_cast<wall_clock::duration>(at);
    add("ts", rfc3339(time), "");
    add("module", question_.module);
    add("target", shown_);
    add("level", level);
    add("msg", text);
    for (const auto& [name, value] : fields) {
      add(name, value);
    }
    out_ += '\n';
  }

private:
  void add(std::string_view name, std::string_view value, std::string_view before = " ") {
    out_.append(before).append(name).append("=");
    log::append_value(out_, value);
  }

  std::string& out_;
  const probe_question& question_;
  const probe_outcome& outcome_;
  std::string shown_;
};

} // namespace

std::string probe_metrics(const probe_answer& answer, const presenter_table& presenters) {
  prometheus_text out;
  const auto& outcome = answer.outcome;
  const auto& presenter = presenters.of(*answer.module->prober);
  out.single("probe_dns_lookup_time_seconds", gauge,
             "Returns the time taken for probe dns lookup in seconds",
             seconds(answer.story.resolve));
  out.single("probe_duration_seconds", gauge,
             "Returns how long the probe took to complete in seconds", seconds(outcome.duration));
  gauge_text gauges;
  presenter.gauges(outcome, answer.story, gauges);
  gauges.append_to(out);
  append_address(out, answer.story);
  out.single("probe_success", gauge, "Displays whether or not the probe was a success",
             outcome.success ? 1 : 0);
  append_failure(out, presenter, outcome);
  return out.take();
}

std::string probe_debug_text(const probe_question& question, const probe_answer& answer,
                             const presenter_table& presenters, const std::string& module) {
  std::string out = "Logs for the probe:\n";
  log_writer log{out, question, answer};
  log.line(nanoseconds{0}, "info", "Beginning probe",
           {{"probe", answer.module->prober->name},
            {"scrape_limit_seconds", number_text(rounded(seconds(question.time_limit)))}});
  for (const auto& [at, text, fields] : answer.story.lines) {
    log.line(at, "info", text, fields);
  }
  const auto& failed = answer.outcome;
  const bool told = std::ranges::any_of(
      answer.story.lines, [&](const story_line& line) { return line.text == failed.detail; });
  if (failed.error != probe_error::none && !told) { // a probe that did not begin tells no story
    log.line(failed.duration, "error", failed.detail,
             {{"error", std::string{to_string(failed.error)}}});
  }
  const auto duration = number_text(rounded(seconds(answer.outcome.duration)));
  log.line(answer.outcome.duration, answer.outcome.success ? "info" : "error",
           answer.outcome.success ? "Probe succeeded" : "Probe failed",
           {{"duration_seconds", duration}});
  out += "\n\n\nMetrics that would have been returned:\n" + probe_metrics(answer, presenters);
  out += "\n\n\nModule configuration:\n" + module;
  return out;
}

} // namespace xprober::web
