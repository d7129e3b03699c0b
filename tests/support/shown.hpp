#pragma once

#include <sstream>
#include <string>

#include "xprober/probes/presenter.hpp"

/// What presenters say, as text.
namespace shown {

/// "sent 3; rtt_ms { min 1; } errors [ { type 3; } ] none -; "
class fact_text final : public xprober::fact_sink {
public:
  void number(std::string_view key, std::optional<double> value) override { put(key, value); }
  void whole(std::string_view key, std::optional<std::int64_t> value) override { put(key, value); }
  void text(std::string_view key, std::optional<std::string_view> value) override {
    put(key, value);
  }
  void flag(std::string_view key, bool value) override {
    put(key, std::optional{value ? "true" : "false"});
  }
  void texts(std::string_view key, std::span<const std::string> values) override {
    std::string all;
    for (const auto& value : values) {
      all += (all.empty() ? "" : ",") + value;
    }
    put(key, std::optional{all});
  }
  void begin(std::string_view key) override { open(key, "{ ", "} "); }
  void begin_list(std::string_view key) override { open(key, "[ ", "] "); }
  void end() override {
    out_ << ends_.back();
    ends_.pop_back();
  }
  void nothing(std::string_view key) override { out_ << key << " null; "; }

  std::string str() const { return out_.str(); }

private:
  template <class T>
  void put(std::string_view key, const std::optional<T>& value) {
    out_ << key << ' ';
    if (value) {
      out_ << *value;
    } else {
      out_ << '-';
    }
    out_ << "; ";
  }
  void open(std::string_view key, const char* bracket, const char* end) {
    out_ << key << (key.empty() ? "" : " ") << bracket;
    ends_.emplace_back(end);
  }

  std::ostringstream out_;
  std::vector<std::string> ends_;
};

/// "name{label="value"} 1" a line.
class gauge_text final : public xprober::gauge_sink {
public:
  void family(std::string_view name, std::string_view help) override {
    family_ = name;
    helped_ = helped_ && !help.empty();
  }
  void sample(double value, labels of) override {
    out_ << family_;
    for (const auto& [name, text] : of) {
      out_ << '{' << name << '=' << text << '}';
    }
    out_ << ' ' << value << '\n';
  }

  std::string str() const { return out_.str(); }
  bool all_have_help() const { return helped_; }

private:
  std::string family_;
  std::ostringstream out_;
  bool helped_ = true;
};

inline std::string facts(const xprober::kind_presenter& by, const xprober::probe_outcome& outcome) {
  fact_text out;
  by.facts(outcome, out);
  return out.str();
}

inline std::string gauges(const xprober::kind_presenter& by, const xprober::probe_outcome& outcome,
                          const xprober::probe_story& story = {}) {
  gauge_text out;
  by.gauges(outcome, story, out);
  return out.str();
}

} // namespace shown
