#include "xprober/domain/join_book.hpp"

#include <algorithm>
#include <charconv>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/comma_list.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/time_text.hpp"

namespace xprober {

namespace {

constexpr std::string_view join_word = "join";
constexpr std::string_view revoke_word = "revoke";
constexpr std::size_t hash_digits = 2 * join_token::bytes_of_hash;
constexpr std::size_t longest_host_part = 48;
constexpr std::size_t longest_joined_name = 64;
/// So many digits of the token tell machines of one name apart, and more where they do not.
constexpr std::size_t digits_in_name = 8;
constexpr std::size_t most_digits_in_name = longest_joined_name - longest_host_part - 1;

std::vector<std::string_view> fields_of_line(std::string_view line) {
  std::vector<std::string_view> fields;
  for (std::size_t begin = 0; begin <= line.size();) {
    const auto end = std::min(line.find('\t', begin), line.size());
    fields.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return fields;
}

bool is_hash_text(std::string_view text) {
  return text.size() == hash_digits && std::ranges::all_of(text, ascii::is_small_hex_digit);
}

bool fits_joined_name(char c) noexcept { return ascii::is_word_char(c) || c == '.' || c == '-'; }

/// A name that nobody in the book has; empty where there is none.
std::string joined_name(const join_book& book, std::string_view host, std::string_view token) {
  std::string name;
  for (const auto c : host.substr(0, longest_host_part)) {
    name += fits_joined_name(c) ? ascii::lower(c) : '-';
  }
  name = name.empty() ? "agent" : name;
  for (auto digits = digits_in_name; digits <= most_digits_in_name; ++digits) {
    auto with_digits = name + "-" + std::string{token.substr(0, digits)};
    if (book.find(with_digits) == nullptr) {
      return with_digits;
    }
  }
  return {};
}

std::string regions_in_words(const std::vector<std::string>& regions) {
  return comma_list(regions, [](const std::string& region) { return shown_text(region); });
}

/// The region that the agent is to be bound to; why not, else empty.
std::string wrong_region(const join_token& token, const std::string& wanted) {
  const auto& allowed = token.regions;
  if (wanted.empty()) {
    return allowed.empty() ? "the join token is for any region, so the agent has to name its own: "
                             "add --region REGION"
                           : "";
  }
  if (!is_region_name(wanted)) {
    return "the region " + shown_text(wanted) + " is not the name of a region";
  }
  if (!allowed.empty() && std::ranges::find(allowed, wanted) == allowed.end()) {
    return "the join token is not for the region " + shown_text(wanted) + " but for " +
           regions_in_words(allowed);
  }
  return {};
}

} // namespace

bool is_joined_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= longest_joined_name &&
         std::ranges::all_of(text, fits_joined_name);
}

std::string join_book::take(std::string_view line) {
  const auto fields = fields_of_line(line);
  std::int64_t time = 0;
  if (fields.size() < 3) {
    return "has too few fields";
  }
  const std::string_view number = fields[1];
  const auto read = std::from_chars(number.data(), number.data() + number.size(), time);
  if (read.ec != std::errc{} || read.ptr != number.data() + number.size() || time <= 0) {
    return "has no time";
  }
  if (fields[0] == join_word) {
    return take_join(fields, time);
  }
  if (fields[0] != revoke_word || fields.size() != 3) {
    return "is neither 'join' nor 'revoke'";
  }
  const auto found = agents_.find(fields[2]);
  if (found == agents_.end()) {
    return "revokes an agent that has not joined";
  }
  if (found->second.revoked_unix == 0) {
    found->second.revoked_unix = time;
  }
  return {};
}

std::string join_book::take_join(const std::vector<std::string_view>& fields, std::int64_t time) {
  if (fields.size() < 5 || !is_joined_name(fields[2]) || !is_hash_text(fields[3]) ||
      !is_hash_text(fields[4])) {
    return "has no name, token and key";
  }
  joined_agent agent{
      std::string{fields[2]}, std::string{fields[3]}, std::string{fields[4]}, time, 0, {}, {}};
  for (std::size_t i = 5; i < fields.size(); ++i) {
    const auto value = fields[i].substr(std::min<std::size_t>(2, fields[i].size()));
    if (!is_region_name(value)) {
      return "has a region or a network that is not valid";
    }
    if (fields[i].starts_with("r=")) {
      agent.regions.emplace_back(value);
    } else if (fields[i].starts_with("n=")) {
      agent.networks.emplace_back(value);
    } else {
      return "has a field that is not known";
    }
  }
  if (agents_.contains(agent.name) || names_.contains(agent.token)) {
    return "has a name or a token that was there before";
  }
  names_.emplace(agent.token, agent.name);
  auto name = agent.name;
  agents_.emplace(std::move(name), std::move(agent));
  return {};
}

const joined_agent* join_book::find(std::string_view name) const {
  const auto found = agents_.find(name);
  return found == agents_.end() ? nullptr : &found->second;
}

const joined_agent* join_book::find_token(std::string_view token) const {
  const auto found = names_.find(token);
  return found == names_.end() ? nullptr : find(found->second);
}

std::string join_line(const joined_agent& agent) {
  auto line = std::string{join_word} + '\t' + std::to_string(agent.joined_unix) + '\t' +
              agent.name + '\t' + agent.token + '\t' + agent.key;
  for (const auto& region : agent.regions) {
    line += "\tr=" + region;
  }
  for (const auto& network : agent.networks) {
    line += "\tn=" + network;
  }
  return line;
}

std::string revoke_line(std::string_view name, std::int64_t unix_seconds) {
  return std::string{revoke_word} + '\t' + std::to_string(unix_seconds) + '\t' + std::string{name};
}

join_decision judge_join(const join_book& book, const join_token& token, const join_wish& wish,
                         std::int64_t now_unix) {
  join_decision made;
  if (now_unix >= token.expires_unix) {
    made.refusal = "the join token has expired at " + rfc3339(token.expires_unix) +
                   ": make another with 'xprober server token'";
    return made;
  }
  if (const auto* known = book.find_token(wish.token)) {
    if (known->key != wish.key) {
      made.refusal = "the join token was used by " + known->name + " at " +
                     rfc3339(known->joined_unix) +
                     ", and each is for one agent: make another with 'xprober server token'";
    } else if (known->revoked_unix != 0) {
      made.refusal = why_not_renewed(book, known->name);
    } else {
      made.agent = *known;
    }
    return made;
  }
  made.refusal = wrong_region(token, wish.region);
  if (!made.refusal.empty()) {
    return made;
  }
  made.agent.name = joined_name(book, wish.host, wish.token);
  if (made.agent.name.empty()) {
    made.refusal = "others have the name " + shown_text(wish.host) + ": choose one with --name";
    return made;
  }
  made.is_new = true;
  made.agent.token = wish.token;
  made.agent.key = wish.key;
  made.agent.joined_unix = now_unix;
  made.agent.regions = wish.region.empty() ? token.regions : std::vector{wish.region};
  made.agent.networks = token.networks;
  return made;
}

std::string why_not_renewed(const join_book& book, std::string_view name) {
  const auto* agent = book.find(name);
  if (agent == nullptr) {
    return "the agent " + shown_text(name) + " has not joined here";
  }
  return agent->revoked_unix == 0
             ? std::string{}
             : "the agent " + agent->name + " was revoked at " + rfc3339(agent->revoked_unix) +
                   ": it can join again with another token";
}

std::int64_t renewal_of(const certificate_span& span) noexcept {
  return span.until_unix - (span.until_unix - span.from_unix) / 3;
}

std::string certificate_fault(const certificate_span& span, std::int64_t now_unix,
                              std::string_view problem) {
  const auto life = span.until_unix - span.from_unix;
  if (problem.empty() || now_unix < span.until_unix - life / 6) {
    return {};
  }
  const auto over = now_unix >= span.until_unix;
  return "the certificate that this agent shows to its server " +
         std::string{over ? "has ended" : "ends"} + " at " + rfc3339(span.until_unix) +
         " and could not be renewed: " + std::string{problem} +
         (over ? "; it can join again with 'xprober agent join'" : "");
}

} // namespace xprober
