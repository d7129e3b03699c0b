#include "xprober/domain/time_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "xprober/domain/ascii.hpp"

namespace xprober {

namespace {

using std::chrono::floor;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

constexpr std::int64_t first_second = -62'167'219'200; ///< 0000-01-01T00:00:00Z
constexpr std::int64_t last_second = 253'402'300'799;  ///< 9999-12-31T23:59:59Z

/// Writes `value` with its leading zeros into `width` bytes that end at `end`.
void put(char* end, std::int64_t value, std::size_t width) {
  for (; width > 0; --width, value /= 10) {
    *--end = static_cast<char>('0' + value % 10);
  }
}

/// Takes texts and numbers off the front; once something did not fit, nothing does.
class reader {
public:
  explicit reader(std::string_view text) : rest_(text) {}

  /// A number of exactly `width` digits between the two; 0 where there is none.
  int number(std::size_t width, int least, int most) {
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      const bool digit = i < rest_.size() && ascii::is_digit(rest_[i]);
      good_ = good_ && digit;
      value = value * 10 + (digit ? rest_[i] - '0' : 0);
    }
    good_ = good_ && value >= least && value <= most;
    rest_.remove_prefix(std::min(width, rest_.size()));
    return good_ ? value : 0;
  }

  void literal(std::string_view text) {
    good_ = good_ && ascii::starts_with(rest_, text) && rest_.size() >= text.size();
    rest_.remove_prefix(std::min(text.size(), rest_.size()));
  }

  /// The place of one of some texts of three letters; 0 where there is none of them.
  template <std::size_t N>
  std::size_t one_of(const std::array<std::string_view, N>& names) {
    const auto found = std::ranges::find(names, rest_.substr(0, 3));
    good_ = good_ && found != names.end();
    rest_.remove_prefix(std::min<std::size_t>(3, rest_.size()));
    return good_ ? static_cast<std::size_t>(found - names.begin()) : 0;
  }

  /// A fraction behind a point, in thousandths; 0 where no point is.
  int thousandths() {
    if (!rest_.starts_with('.')) {
      return 0;
    }
    rest_.remove_prefix(1);
    const auto end = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    good_ = good_ && end > 0;
    int value = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      value = value * 10 + (i < end ? rest_[i] - '0' : 0);
    }
    rest_.remove_prefix(end);
    return value;
  }

  bool next_is(char c) const { return !rest_.empty() && rest_.front() == c; }
  bool whole() const { return good_ && rest_.empty(); }

private:
  std::string_view rest_;
  bool good_ = true;
};

struct day_time {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0; ///< 0 to 60
};

/// Seconds since 1970; nothing for a day that its month does not have.
std::optional<std::int64_t> unix_seconds_of(const day_time& parts) {
  const std::chrono::year_month_day date{std::chrono::year{parts.year},
                                         std::chrono::month{static_cast<unsigned>(parts.month)},
                                         std::chrono::day{static_cast<unsigned>(parts.day)}};
  if (!date.ok()) {
    return std::nullopt;
  }
  const auto time = sys_days{date} + std::chrono::hours{parts.hour} +
                    std::chrono::minutes{parts.minute} + seconds{parts.second};
  return sys_seconds{time}.time_since_epoch().count();
}

bool begins_month(std::int64_t unix_seconds) {
  const sys_seconds time{seconds{unix_seconds}};
  const auto day = floor<std::chrono::days>(time);
  return time == day && std::chrono::year_month_day{day}.day() == std::chrono::day{1};
}

/// Seconds that the clock is ahead of UTC.
int read_offset(reader& from) {
  if (from.next_is('+') || from.next_is('-')) {
    const int sign = from.next_is('-') ? -1 : 1;
    from.literal(sign < 0 ? "-" : "+");
    const int hours = from.number(2, 0, 23);
    from.literal(":");
    return sign * (hours * 3600 + from.number(2, 0, 59) * 60);
  }
  from.literal("Z");
  return 0;
}

void read_clock(reader& from, day_time& out) {
  out.hour = from.number(2, 0, 23);
  from.literal(":");
  out.minute = from.number(2, 0, 59);
  from.literal(":");
  out.second = from.number(2, 0, 60);
}

} // namespace

std::string rfc3339(std::int64_t unix_seconds) {
  const sys_seconds time{seconds{std::clamp(unix_seconds, first_second, last_second)}};
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const auto rest = (time - day).count();
  std::string text = "0000-00-00T00:00:00Z";
  put(&text[4], static_cast<int>(date.year()), 4);
  put(&text[7], static_cast<unsigned>(date.month()), 2);
  put(&text[10], static_cast<unsigned>(date.day()), 2);
  put(&text[13], rest / 3600, 2);
  put(&text[16], rest / 60 % 60, 2);
  put(&text[19], rest % 60, 2);
  return text;
}

std::string rfc3339(wall_time time) {
  const auto whole = floor<seconds>(time);
  auto text = rfc3339(static_cast<std::int64_t>(whole.time_since_epoch().count()));
  text.back() = '.';
  text += "000Z";
  put(&text[text.size() - 1], floor<milliseconds>(time - whole).count(), 3);
  return text;
}

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  reader from{text};
  day_time parts;
  parts.year = from.number(4, 0, 9999);
  from.literal("-");
  parts.month = from.number(2, 1, 12);
  from.literal("-");
  parts.day = from.number(2, 1, 31);
  from.literal("T");
  read_clock(from, parts);
  const int thousandths = from.thousandths();
  const int offset = read_offset(from);
  auto time = unix_seconds_of(parts);
  if (!from.whole() || !time) {
    return std::nullopt;
  }
  *time -= offset;
  if (parts.second == 60 && !begins_month(*time)) {
    return std::nullopt;
  }
  return *time * 1000 + thousandths;
}

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 7> days{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  reader from{text};
  day_time parts;
  from.one_of(days);
  from.literal(", ");
  parts.day = from.number(2, 1, 31);
  from.literal(" ");
  parts.month = static_cast<int>(from.one_of(months)) + 1;
  from.literal(" ");
  parts.year = from.number(4, 0, 9999);
  from.literal(" ");
  read_clock(from, parts);
  from.literal(" GMT");
  return from.whole() ? unix_seconds_of(parts) : std::nullopt;
}

} // namespace xprober
