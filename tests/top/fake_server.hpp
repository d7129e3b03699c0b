#pragma once

#include <cstdint>
#include <string>

#include "xprober/top/view.hpp"

namespace xprober::top::test {

inline constexpr std::int64_t now = 1'767'312'100;

inline std::string failing_row(int number, const std::string& detail = "connecting: refused") {
  const auto n = std::to_string(number);
  return R"({"uid":"u)" + n + R"(","target":"http://t)" + n +
         R"(.example/","region":"eu","probe_type":"http","source_region":"us","agent":"10.0.0.1",)"
         R"("state":"failing","since_unix":1767312040,"streak":4,"reason":"refused","detail":")" +
         detail + R"(","time_unix":1767312090})";
}

inline std::string target_list(const std::string& rows, std::uint64_t matching,
                               std::uint64_t total) {
  return R"({"targets":[)" + rows + R"(],"matching":)" + std::to_string(matching) + R"(,"total":)" +
         std::to_string(total) + R"(,"next":null})";
}

/// A server, as a table of what it answers.
struct fake_server {
  std::string targets = target_list("", 0, 0);
  std::string incidents = R"({"incidents":[],"next":null})";
  std::string regions = R"({"regions":[]})";
  std::string unwell = target_list("", 0, 0);
  std::string failing = target_list("", 0, 0);
  std::string detail = "{}";

  std::string answer(const question& asked_for) const {
    switch (asked_for.what) {
    case asked::regions: return regions;
    case asked::incidents: return incidents;
    case asked::targets: return targets;
    case asked::failing: return failing;
    case asked::unwell: return unwell;
    case asked::detail: return detail;
    default: return "{}";
    }
  }

  /// One round; the first tells who it is.
  void tell(view& sight, std::int64_t at = now) const {
    for (const auto& one : sight.questions()) {
      sight.take(one, 200, answer(one));
    }
    sight.end_round(at);
  }
};

inline view sight_of(const fake_server& server, std::size_t columns = 80, std::size_t rows = 24,
                     listing what = listing::failing) {
  view sight{"http://s:6002", what};
  sight.resize(columns, rows);
  server.tell(sight);
  server.tell(sight);
  return sight;
}

inline std::string screen_of(const view& sight, std::int64_t at = now) {
  std::string all;
  for (const auto& line : sight.lines(at)) {
    all += line.text + "\n";
  }
  return all;
}

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline std::string path_of(const view& sight, asked what) {
  for (const auto& one : sight.questions()) {
    if (one.what == what) {
      return one.path;
    }
  }
  return {};
}

inline void type(view& sight, const std::string& text) {
  for (const char c : text) {
    sight.press({key::character, std::string(1, c)});
  }
}

} // namespace xprober::top::test
