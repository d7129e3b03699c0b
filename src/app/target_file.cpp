#include "xprober/app/target_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string_view>
#include <system_error>

#include "xprober/base/read_file.hpp"
#include "xprober/domain/target_text.hpp"

namespace xprober::app {

namespace {

/// Room for a target and a long comment.
constexpr std::size_t longest_line = 1 << 14;
constexpr std::size_t most_problems = 10;

/// What counts of a line; empty where nothing does.
std::string_view target_of(std::string_view line) {
  constexpr std::string_view blanks = " \t\r";
  line = line.substr(0, line.find('#'));
  const auto first = std::min(line.find_first_not_of(blanks), line.size());
  line.remove_prefix(first);
  return line.substr(0, line.find_last_not_of(blanks) + 1);
}

/// What is wrong with each line, by its number.
class line_problems {
public:
  explicit line_problems(std::string file) : file_(std::move(file)) {}

  void add(std::size_t line, std::string_view problem) {
    if (++count_ <= most_problems) {
      text_ += (text_.empty() ? "" : "\n") + file_ + ":" + std::to_string(line) + ": ";
      text_ += problem;
    }
  }

  std::string text() const {
    const auto more = count_ > most_problems ? count_ - most_problems : 0;
    return more == 0 ? text_ : text_ + "\nand " + std::to_string(more) + " more";
  }

private:
  std::string file_;
  std::string text_;
  std::size_t count_ = 0;
};

} // namespace

std::string read_target_file(const std::string& path, const prober_name& type,
                             std::vector<std::string>& targets) {
  const bool standard = path == "-";
  const std::string shown = standard ? "standard input" : path;
  const auto failed = [&](const char* what) {
    return shown + ": " + what + ": " + std::generic_category().message(errno) +
           "; name a file with one target on each line, or - for standard input";
  };
  std::ifstream file;
  if (!standard) {
    errno = 0;
    file.open(path);
    if (!file) {
      return failed("cannot be opened");
    }
  }
  std::istream& in = standard ? std::cin : file;
  line_problems problems{shown};
  std::array<char, longest_line> buffer;
  for (std::size_t number = 1; in; ++number) {
    errno = 0;
    in.getline(buffer.data(), buffer.size());
    // std::cin takes an error for the end of the file.
    if (in.bad() || (standard && std::ferror(stdin) != 0)) {
      return failed("cannot be read");
    }
    std::string_view line{buffer.data(), static_cast<std::size_t>(in.gcount())};
    if (in.fail() && !in.eof()) {
      problems.add(number, "the line is longer than " + std::to_string(longest_line) + " bytes");
      break;
    }
    line.remove_suffix(!in.eof() && !line.empty() ? 1 : 0); // the line feed was counted
    line.remove_prefix(number == 1 && line.starts_with(byte_order_mark) ? byte_order_mark.size()
                                                                        : 0);
    const auto target = target_of(line);
    if (target.empty()) {
      continue;
    }
    const auto problem = read_target(type, target).problem;
    if (problem.empty()) {
      targets.emplace_back(target);
    } else {
      problems.add(number, bad_target_text(type, target, problem));
    }
  }
  return problems.text();
}

} // namespace xprober::app
