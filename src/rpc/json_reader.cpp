#include "xprober/rpc/json_reader.hpp"

#include <limits>

#include <nlohmann/json.hpp>

#include "xprober/base/exception_text.hpp"

namespace xprober::rpc {

namespace {

using json = nlohmann::json;

/// Translates the library's events into ours, and bounds the depth.
class translator final : public nlohmann::json_sax<json> {
public:
  translator(std::size_t max_depth, value_events& events)
      : max_depth_(max_depth), events_(events) {}

  bool null() override { return events_.on_nil(); }
  bool boolean(bool value) override { return events_.on_bool(value); }
  bool number_integer(number_integer_t value) override { return events_.on_integer(value); }
  bool number_unsigned(number_unsigned_t value) override {
    constexpr auto most = static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max());
    return value > most ? events_.on_large(value)
                        : events_.on_integer(static_cast<std::int64_t>(value));
  }
  bool number_float(number_float_t value, const string_t&) override {
    return events_.on_real(value);
  }
  bool string(string_t& value) override { return events_.on_text(value); }
  bool binary(binary_t&) override { return events_.on_other(); }
  bool start_object(std::size_t) override { return deeper() && events_.on_map_begin(); }
  bool key(string_t& value) override { return events_.on_key(value); }
  bool end_object() override {
    --depth_;
    return events_.on_map_end();
  }
  bool start_array(std::size_t) override { return deeper() && events_.on_array_begin(); }
  bool end_array() override {
    --depth_;
    return events_.on_array_end();
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    problem = "no JSON at byte " + std::to_string(position) + ": " + json_problem(error.what());
    return false;
  }

  std::string problem;

private:
  bool deeper() {
    if (++depth_ <= max_depth_) {
      return true;
    }
    problem = "the message is nested too deeply";
    return false;
  }

  std::size_t max_depth_;
  std::size_t depth_ = 0;
  value_events& events_;
};

} // namespace

std::string read_json(std::string_view text, std::size_t max_depth, value_events& events) {
  translator sax{max_depth, events};
  json::sax_parse(text.begin(), text.end(), &sax);
  return sax.problem;
}

} // namespace xprober::rpc
