// Texts of targets, URLs, hosts, ports, blocks, and where redirects lead. What is shown of a URL
// holds no secret, and what is made of a text can be read again.

#include "xprober/probes/http/url.hpp"
#include "fuzz/support/fuzz.hpp"
#include "xprober/domain/address.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/domain/cidr.hpp"
#include "xprober/domain/host_name.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/target_text.hpp"
#include "xprober/domain/url_secrets.hpp"
#include "xprober/probes/http/redirect.hpp"

namespace xprober::fuzz_url {

namespace {

using namespace fuzz;

/// No input holds it by chance.
constexpr std::string_view secret = "sEcReT9";

bool shows_secret(std::string_view text) { return text.find(secret) != text.npos; }

void check_url(const http::http_url& url) {
  require(std::ranges::all_of(url.target, [](char c) { return c > ' ' && c < 0x7F; }),
          "what is asked for are plain characters");
  require(url.target.starts_with('/') && url.target.find('#') == url.target.npos,
          "what is asked for begins with / and has no fragment");
  require(url.port != 0 && !url.host.empty(), "a URL has a host and a port");
  for (const auto& text : {url.absolute_form(), url.text()}) {
    const auto again = http::parse_target(text);
    // An address of this link alone needs its zone, which no server is told.
    require(again.url.has_value() || !url.zone.empty(), again.error);
    require(!again.url || (again.url->host == url.host && again.url->port == url.port &&
                           again.url->tls == url.tls && !again.url->credentials),
            "a URL that is shown is the same URL");
  }
  if (const auto again = http::parse_target(url.absolute_form()); again.url) {
    require(again.url->target == url.target, "a URL is the same after it was written and read");
  }
}

void check_parsed(std::string_view text) {
  const auto parsed = http::parse_target(text);
  require(parsed.url.has_value() == parsed.error.empty(), "there is a URL or a reason");
  if (parsed.url) {
    check_url(*parsed.url);
  }
  std::string without{text};
  const auto taken = take_user(kinds::http(), without);
  if (parsed.url) {
    const auto again = http::parse_target(without, taken ? &*taken : nullptr);
    require(again.url.has_value(), again.error);
    require(*again.url == *parsed.url, "a target is the same after its secrets were taken out");
    require(!http::parse_target(without).url->credentials, "a target that is shown has no user");
  }
}

/// The input behind a password and among parameters.
void check_secrets(std::string_view text) {
  if (shows_secret(text)) {
    return;
  }
  const std::string end{text};
  for (const std::string scheme : {"http://", "https://", ""}) {
    for (const auto& url : {scheme + "user:" + std::string{secret} + "@" + end,
                            scheme + "host.example/p?token=" + std::string{secret} + "&" + end}) {
      require(!shows_secret(shown_url(url)), "a URL that is shown holds no secret");
      const auto parsed = http::parse_target(url);
      require(!shows_secret(parsed.error), "an error holds no secret");
      require(!parsed.url || !shows_secret(parsed.url->text()), "a URL for people holds no secret");
      auto address = url;
      take_user(kinds::http(), address);
      require(!shows_secret(address), "a target that is shown holds no secret");
      std::string error;
      parse_url(url, error);
      require(!shows_secret(error), "an error holds no secret");
    }
    const auto with_user = scheme + "user:" + std::string{secret} + "@" + end;
    require(!shows_secret(without_user(kinds::http(), with_user)) &&
                !shows_secret(bad_target_text(kinds::http(), with_user, "it is wrong")),
            "a target in a message has no password");
  }
}

void check_location(std::string_view location) {
  const auto base = *http::parse_target("https://u:p@host.example:8443/a/b?c=d").url;
  const auto next = http::resolve_location(base, location);
  require(next.url.has_value() == next.error.empty(), "there is a URL or a reason");
  if (next.url) {
    check_url(*next.url);
    require(!http::may_share_credentials(base, *next.url) ||
                (next.url->host == base.host && next.url->tls),
            "nothing is told another host, or without TLS");
  }
  http_config config;
  config.follow_redirects = true;
  for (const std::uint16_t status : {301, 303, 307}) {
    const auto decided =
        http::decide_redirect({status, std::string{location}}, config, base, "POST", 0);
    require(decided.what != http::redirect_decision::action::fail || !decided.detail.empty(),
            "a failure has words");
  }
}

void check_hosts(std::string_view text) {
  std::string error;
  if (const auto ip = parse_ip(text)) {
    require(parse_ip(to_string(*ip)) == ip, "an address is the same after it was written and read");
    unusable_address(*ip, false);
  }
  if (const auto at = parse_host_port(text, error)) {
    require(parse_host_port(to_string(*at), error) == at,
            "host and port are the same after they were written and read");
  } else {
    require(!error.empty(), "there is a reason");
  }
  if (const auto at = parse_address_port(text, 53, error)) {
    require(parse_address_port(to_string(*at), 1, error) == at,
            "address and port are the same after they were written and read");
  }
  if (const auto block = parse_block(text, error)) {
    const auto written = to_string(block->first) + "/" + std::to_string(block->prefix);
    require(parse_block(written, error) == block,
            "a block is the same after it was written and read");
    require(block->contains(block->first) && block->contains(block->at(block->size() - 1)),
            "a block holds its own addresses");
  }
  if (const auto name = ascii_host_name(text)) {
    require(std::ranges::all_of(*name, [](char c) { return static_cast<unsigned char>(c) < 0x80; }),
            "a name of the DNS is ASCII");
    require(ascii_host_name(*name) == name, "a name of the DNS is its own");
  }
}

void check_targets(std::string_view text) {
  for (const auto& kind : builtin_kinds()) {
    const auto reading = read_target(kind, text);
    require(reading.problem.empty() || !reading.block, "there is a block or a reason");
    require(reading.size() > 0, "a target stands for one at least");
    if (!reading.problem.empty()) {
      const auto shown = bad_target_text(kind, text, reading.problem);
      require(shown.size() < 4096, "a message is short");
    }
  }
  read_target(prober_name{"module"}, text);
  std::string error;
  parse_address_target(text, error);
  parse_host_port_target(text, error);
  parse_name_target(text, error);
  without_user(text);
}

} // namespace

XPROBER_FUZZ(url) {
  check_parsed(bytes);
  check_secrets(bytes);
  check_location(bytes);
  check_hosts(bytes);
  check_targets(bytes);
}

} // namespace xprober::fuzz_url
