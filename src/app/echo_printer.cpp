#include <spdlog/fmt/fmt.h>

#include "xprober/app/probe_run.hpp"
#include "xprober/app/result_printer.hpp"
#include "xprober/app/table.hpp"

namespace xprober::app {

namespace {

using web::json;

/// The error, and what was odd without being one.
std::string notes(const probe_outcome& outcome, const json& said) {
  auto text = error_text(outcome);
  const auto add = [&](const std::string& note) { text += (text.empty() ? "" : "; ") + note; };
  for (const auto& [key, what] : {std::pair{"duplicates", "duplicate"},
                                  std::pair{"reordered", "reordered"}, std::pair{"late", "late"}}) {
    if (const auto number = said.at(key).get<std::uint64_t>(); number > 0) {
      add(fmt::format("{} {}", number, what));
    }
  }
  if (said.at("rtt_inexact").get<bool>()) {
    add("times are inexact: the sending was interrupted");
  }
  if (said.at("receive_overflow").get<bool>()) {
    add("the receive buffer overflowed");
  }
  // The error of a probe that failed names its router already.
  for (const auto& e : said.at("icmp_errors")) {
    if (outcome.success) {
      add(fmt::format("{} x {} from {}", e.at("count").get<std::uint64_t>(),
                      e.at("text").get<std::string>(), e.at("router").get<std::string>()));
    }
  }
  return text;
}

std::string loss_text(const json& said) {
  const auto& percent = said.at("loss_percent");
  return percent.is_null() || said.at("sent") == 0 ? "-"
                                                   : fmt::format("{:.1f}%", percent.get<double>());
}

class echoes final : public result_printer {
public:
  echoes(const kind_presenter& presenter, std::size_t payload)
      : result_printer(presenter), payload_(payload) {}

  std::vector<std::string> heading() const override {
    return {"TARGET", "ADDRESS", ">SENT", ">RECV",   ">LOSS",   ">MIN", ">AVG",
            ">P50",   ">P99",    ">MAX",  ">STDDEV", ">JITTER", ">TTL", "NOTES"};
  }

  std::vector<std::string> row(const std::string& target,
                               const probe_outcome& outcome) const override {
    const auto said = facts(outcome);
    const auto& rtt = said.at("rtt_ms");
    std::vector<std::string> cells{target, outcome.address, said.at("sent").dump(),
                                   said.at("received").dump(), loss_text(said)};
    for (const auto* key : {"min", "avg", "p50", "p99", "max", "stddev", "jitter"}) {
      cells.push_back(rtt.is_null() ? "-" : ms_text(rtt.at(key).get<double>()));
    }
    const auto& ttl = said.at("reply_ttl");
    cells.push_back(ttl.is_null() ? "-" : ttl.dump());
    cells.push_back(notes(outcome, said));
    return cells;
  }

  json object(const std::string& target, const probe_outcome& outcome) const override {
    json line{{"target", target}, {"address", outcome.address}};
    line.update(facts(outcome));
    line["resolve_cached"] = outcome.resolve_cached;
    const auto error = error_text(outcome);
    line["error"] = error.empty() ? json(nullptr) : json(error);
    return line;
  }

  bool has_echoes() const override { return true; }

  /// As ping(8) has it; the length is that of the ICMP message.
  std::string line(const std::string& target, const echo_answer& answer) const override {
    constexpr std::size_t header = 8;
    const auto from =
        answer.address == target ? target : fmt::format("{} ({})", target, answer.address);
    const auto ttl =
        answer.hop_limit == 0 ? std::string{} : fmt::format(" ttl={}", answer.hop_limit);
    return fmt::format("{} bytes from {}: seq={}{} time={} ms", payload_ + header, from,
                       answer.number + 1, ttl, ms_text(to_ms(answer.round_trip)));
  }

  std::string line(const std::string& target, const probe_outcome& outcome) const override {
    const auto from = outcome.address.empty() || outcome.address == target
                          ? target
                          : fmt::format("{} ({})", target, outcome.address);
    return from + ": " + summary({&outcome});
  }

  std::string summary(const std::vector<const probe_outcome*>& outcomes) const override {
    const auto said = facts(*outcomes.front()); // all echoes of a target are one probe
    auto text = fmt::format("{} echoes sent, {} answered, {} lost", said.at("sent").dump(),
                            said.at("received").dump(), loss_text(said));
    if (const auto& rtt = said.at("rtt_ms"); !rtt.is_null()) {
      const auto ms = [&](const char* key) { return ms_text(rtt.at(key).get<double>()); };
      text += fmt::format("; rtt min/avg/p99/max/stddev = {}/{}/{}/{}/{} ms", ms("min"), ms("avg"),
                          ms("p99"), ms("max"), ms("stddev"));
    }
    const auto noted = notes(*outcomes.front(), said);
    return noted.empty() ? text : text + "; " + noted;
  }

  /// Every echo was answered.
  bool is_good(const probe_outcome& outcome) const override {
    const auto loss = presenter().kind().find(column_role::loss);
    return outcome.success && loss && outcome.values.number(*loss) == 0.0F;
  }

private:
  std::size_t payload_; ///< bytes of an echo
};

} // namespace

std::unique_ptr<result_printer> echo_printer(const kind_presenter& presenter, std::size_t payload) {
  return std::make_unique<echoes>(presenter, payload);
}

} // namespace xprober::app
