#include "xprober/probes/http/response_head.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "xprober/domain/ascii.hpp"
#include "xprober/probes/stream/shown.hpp"

namespace xprober::http {

namespace {

constexpr std::string_view protocol = "HTTP/";

void append_list(std::string& list, std::string_view value) {
  list.append(list.empty() ? "" : ",").append(value);
}

/// Takes the next element of a list off its front (RFC 9110, section 5.6.1).
std::string_view take_element(std::string_view& list) {
  const auto comma = std::min(list.find(','), list.size());
  const auto element = ascii::trim(list.substr(0, comma));
  list.remove_prefix(std::min(comma + 1, list.size()));
  return element;
}

/// 10 to 19, or 20 for what says "HTTP/2.0" in HTTP/1's form, as clients take it; 0 for what is no
/// version.
std::uint8_t read_version(std::string_view line) {
  const auto digits = line.substr(std::min(line.size(), protocol.size()), 3);
  if (!line.starts_with(protocol) || digits.size() != 3 || digits[1] != '.' ||
      !ascii::is_digit(digits[2])) {
    return 0;
  }
  if (digits[0] == '1') {
    return static_cast<std::uint8_t>(10 + (digits[2] - '0'));
  }
  return digits == "2.0" ? 20 : 0;
}

/// Saturates: a length that no number holds is too large for every limit.
std::optional<std::uint64_t> read_length(std::string_view digits) {
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (digits.empty() || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return error == std::errc{} ? length : std::numeric_limits<std::uint64_t>::max();
}

body_framing by_length(std::string_view lengths) {
  body_framing out;
  std::optional<std::uint64_t> known;
  bool more = true;
  while (more) {
    more = lengths.find(',') != std::string_view::npos;
    const auto element = take_element(lengths);
    const auto length = read_length(element);
    if (!length) {
      out.problem = "Content-Length is not a number: " + stream::shown(element);
      return out;
    }
    if (known && *known != *length) {
      out.problem = "two different values of Content-Length";
      return out;
    }
    known = length;
  }
  out.how = body_framing::form::counted;
  out.length = *known;
  return out;
}

body_framing by_codings(std::string_view codings) {
  body_framing out;
  out.how = body_framing::form::until_close;
  while (!codings.empty()) {
    const auto coding = ascii::to_lower(take_element(codings));
    if (coding.empty() || coding == "identity") {
      continue;
    }
    if (out.how == body_framing::form::chunked) {
      out.problem = "Transfer-Encoding has a coding behind chunked";
    } else if (coding == "chunked") {
      out.how = body_framing::form::chunked;
    } else {
      append_list(out.codings, coding);
    }
  }
  return out;
}

} // namespace

head_reader::state head_reader::fail(std::string_view what, std::string_view line) {
  problem_.append(what).append(": \"").append(stream::shown(line)).append("\"");
  return state::failed;
}

head_reader::state head_reader::take(std::string_view line) {
  while (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  if (line.find('\0') != std::string_view::npos) {
    return fail("a zero byte in its header", line);
  }
  return head_.status == 0 ? take_status(line) : take_field(line);
}

// RFC 9112, section 4. The blank behind the status is often missing where no reason follows.
head_reader::state head_reader::take_status(std::string_view line) {
  constexpr std::string_view what = "its status line";
  const auto version = read_version(line);
  auto rest = line.substr(std::min(line.size(), protocol.size() + 3));
  if (version == 0 || !rest.starts_with(' ')) {
    return fail(what, line);
  }
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  const auto code = rest.substr(0, rest.find(' '));
  if (code.size() != 3 || !std::ranges::all_of(code, ascii::is_digit) || code == "000") {
    return fail(what, line);
  }
  std::from_chars(code.data(), code.data() + code.size(), head_.status);
  head_.version = version;
  return state::need_line;
}

head_reader::state head_reader::take_field(std::string_view line) {
  if (line.empty()) {
    end_field();
    return state::done;
  }
  if (lines_ == max_head_fields) {
    return state::too_many;
  }
  if (line.front() == ' ' || line.front() == '\t') {
    if (lines_ == 0) {
      return fail("a line of its header that goes on with none", line);
    }
    ++lines_;
    value_.append(" ").append(ascii::trim(line));
    return state::need_line;
  }
  end_field();
  ++lines_;
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) {
    return fail("a line of its header without a colon", line);
  }
  const auto name = ascii::trim(line.substr(0, colon));
  field_ = field_of(name);
  if (keep_fields_) {
    name_ = name;
  }
  if (keep_fields_ || field_ != field::other) {
    value_ = ascii::trim(line.substr(colon + 1));
  }
  return state::need_line;
}

// Most names have another length than those.
head_reader::field head_reader::field_of(std::string_view name) noexcept {
  const auto is = [name](std::string_view one, field what) {
    return ascii::same(name, one) ? what : field::other;
  };
  switch (name.size()) {
  case 8: return is("Location", field::location);
  case 10: return is("Set-Cookie", field::set_cookie);
  case 14: return is("Content-Length", field::content_length);
  case 16: return is("Content-Encoding", field::content_encoding);
  case 17: return is("Transfer-Encoding", field::transfer_encoding);
  default: return field::other;
  }
}

void head_reader::end_field() {
  if (field_ == field::other && name_.empty()) {
    return;
  }
  const std::string_view value = ascii::trim(value_);
  take_value(value);
  if (!name_.empty()) {
    head_.fields.emplace_back(std::move(name_), value);
    name_.clear();
  }
  field_ = field::other;
}

void head_reader::take_value(std::string_view value) {
  switch (field_) {
  case field::location:
    if (!head_.location) {
      head_.location.emplace(value);
    }
    break;
  case field::set_cookie: head_.set_cookies.emplace_back(value); break;
  case field::content_encoding: append_list(head_.content_codings, value); break;
  case field::transfer_encoding: append_list(head_.transfer_codings, value); break;
  case field::content_length:
    if (head_.lengths) {
      head_.lengths->append(",").append(value);
    } else {
      head_.lengths.emplace(value);
    }
    break;
  case field::other: break;
  }
}

body_framing frame_body(const response_head& head, bool bodiless) {
  if (bodiless || head.status < 200 || head.status == 204 || head.status == 304) {
    return {};
  }
  auto framing = by_codings(head.transfer_codings);
  const bool coded = framing.how == body_framing::form::chunked || !framing.codings.empty();
  return coded || !head.lengths ? framing : by_length(*head.lengths);
}

} // namespace xprober::http
