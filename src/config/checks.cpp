#include "xprober/config/checks.hpp"

#include <algorithm>
#include <array>

#include <re2/re2.h>

#include "xprober/base/log.hpp"
#include "xprober/base/read_file.hpp"
#include "xprober/config/problem.hpp"
#include "xprober/domain/address.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/target_text.hpp"
#include "xprober/domain/targets/mesh_gate.hpp"

namespace xprober::config {

std::string check_region(std::string_view text) {
  return is_region_name(text)
             ? std::string{}
             : in_quotes(text) + " is not a region; allowed are 1 to " +
                   std::to_string(max_region_bytes) + " bytes of UTF-8 without control characters";
}

std::string check_listen_address(std::string_view text) {
  std::string error;
  if (!parse_host_port(text, error)) {
    return quoted_url(text) + " cannot be listened on: " + error +
           "; allowed are host:port, [::1]:6001 and, for every interface, :6001";
  }
  return {};
}

std::string check_server_address(std::string_view text) {
  constexpr std::string_view allowed =
      "; allowed are host:port and URLs with http, https, msgpack or msgpacks";
  const auto wrong = [&](const std::string& reason) {
    return quoted_url(text) + " is not the address of a server: " + reason + std::string{allowed};
  };
  std::string error;
  if (text.find("://") == text.npos) {
    const auto address = parse_host_port(text, error);
    if (!address) {
      return wrong(error);
    }
    const auto zone = address->host.find('%');
    const auto ip = parse_ip(std::string_view{address->host}.substr(0, zone));
    const auto unusable = ip ? unusable_address(*ip, zone != address->host.npos) : std::string{};
    return address->host.empty() ? wrong("the host is missing")
           : address->port == 0  ? wrong("the port is 0")
           : unusable.empty()    ? std::string{}
                                 : wrong(unusable);
  }
  const auto url = parse_url(text, error);
  if (!url) {
    return wrong(error);
  }
  const bool http = url->scheme == "http" || url->scheme == "https";
  if (!http && url->scheme != "msgpack" && url->scheme != "msgpacks") {
    return wrong("the scheme is " + url->scheme);
  }
  if (!url->userinfo.empty()) {
    return wrong("it holds a user, for whom rpc.token_file is the place");
  }
  if (url->target.find_first_of("?#") != std::string::npos) {
    return wrong("it has a query or a fragment");
  }
  if (!http && !url->port) {
    return wrong("the port is missing");
  }
  if (!http && !url->target.empty() && url->target != "/") {
    return wrong("it has a path");
  }
  return {};
}

std::string check_ip(std::string_view text) {
  if (!parse_ip(text)) {
    return in_quotes(text) + " is not an address; allowed are numeric IPv4 and IPv6 addresses";
  }
  return {};
}

std::string check_own_ip(std::string_view text) {
  const auto address = parse_ip(text);
  if (!address) {
    return check_ip(text);
  }
  const auto unusable = is_link_local_ip6(*address)
                            ? to_string(*address) + " is a link-local address, which needs a zone"
                            : unusable_address(*address, false);
  return unusable.empty() ? std::string{}
                          : unusable + "; allowed are addresses of this machine that need no zone";
}

std::string check_network(std::string_view text) {
  std::string error;
  return parse_network(text, error) ? std::string{}
                                    : in_quotes(text) + " is not a network: " + error +
                                          "; allowed are CIDR blocks and addresses";
}

std::string check_dns_server(std::string_view text) {
  constexpr std::uint16_t port = 53;
  std::string error;
  return parse_address_port(text, port, error)
             ? std::string{}
             : quoted_url(text) + " is not a DNS server: " + error +
                   "; allowed are addresses, as in 192.0.2.1, 192.0.2.1:5353 and [2001:db8::1]:53";
}

std::string check_metadata_url(std::string_view text) {
  constexpr std::string_view allowed =
      "; allowed is http:// with a numeric address, as in http://169.254.169.254";
  std::string error;
  const auto url = parse_url(text, error);
  if (url && (url->scheme != "http" || !parse_ip(url->host))) {
    error = "it needs the scheme http and a numeric address";
  } else if (url && (!url->userinfo.empty() || (!url->target.empty() && url->target != "/"))) {
    error = "it has a user or a path";
  }
  return error.empty()
             ? std::string{}
             : quoted_url(text) + " is not a metadata service: " + error + std::string{allowed};
}

std::string check_log_level(std::string_view text) {
  log::level level{};
  if (!log::parse_level(text, level)) {
    return in_quotes(text) +
           " is not a level; allowed is one of trace, debug, info, warn, error, critical, off";
  }
  return {};
}

std::string check_field_name(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  if (text.size() > 256 || !ascii::is_token(text)) {
    return in_quotes(text) + " is not the name of a header; allowed are letters, digits and " +
           std::string{marks};
  }
  return {};
}

std::string check_header_name(std::string_view text) {
  if (auto wrong = check_field_name(text); !wrong.empty()) {
    return wrong;
  }
  constexpr std::array<std::string_view, 6> own{"connection",        "content-length", "te",
                                                "transfer-encoding", "trailer",        "upgrade"};
  const auto name = ascii::to_lower(text);
  if (std::find(own.begin(), own.end(), name) != own.end()) {
    return in_quotes(text) + " is set by the program itself; remove it";
  }
  return {};
}

std::string check_header_value(std::string_view text) {
  const bool bad = text.size() > 8192 || std::any_of(text.begin(), text.end(), [](char c) {
                     return ascii::is_control(c) && c != '\t';
                   });
  return bad ? in_quotes(text) +
                   " is not the value of a header; allowed are up to 8192 bytes without line "
                   "ends and control characters"
             : std::string{};
}

std::string check_secret_value(std::string_view text) {
  return check_header_value(text).empty()
             ? std::string{}
             : "cannot be sent; allowed are up to 8192 bytes without line ends and control "
               "characters";
}

std::string check_receiver_url(std::string_view text) {
  std::string error;
  const auto url = parse_url(text, error);
  if (url && url->scheme != "http" && url->scheme != "https") {
    error = "the scheme is " + url->scheme;
  }
  if (url && error.empty() && url->host.empty()) {
    error = "the host is missing";
  }
  return error.empty() ? std::string{}
                       : "is not a receiver: " + error +
                             "; allowed is http(s)://[USER:PASSWORD@]HOST[:PORT]/PATH";
}

std::string check_label_value(std::string_view text) {
  return is_utf8(text) ? std::string{} : "is not text; allowed is UTF-8";
}

std::string check_readable_file(std::string_view path) {
  const auto problem = file_problem(std::string{path});
  return problem.empty()
             ? std::string{}
             : in_quotes(path) + " " + problem + "; allowed is a file that this user may read";
}

std::string check_proxy_url(std::string_view text) {
  std::string error;
  const auto url = parse_url_target(text, error);
  if (scheme_prefix(text) == 0) {
    error = "the scheme is missing, as in http://host/";
  } else if (url && !url->rest.empty() && url->rest != "/") {
    error = "it has a path";
  }
  return error.empty() ? std::string{}
                       : "is not a proxy: " + error +
                             "; allowed are http://[USER:PASSWORD@]HOST:PORT and https://...";
}

std::string check_regexp(std::string_view text) {
  constexpr std::size_t longest = 4096;
  if (text.size() > longest) {
    return "is longer than 4096 bytes; allowed is less";
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  const re2::RE2 expression{re2::StringPiece(text.data(), text.size()), options};
  return expression.ok() ? std::string{}
                         : in_quotes(text) + " is not a regular expression: " + expression.error() +
                               "; allowed is the syntax of RE2";
}

std::string check_prober_type(std::string_view text) {
  return is_prober_name(text)
             ? std::string{}
             : in_quotes(text) + " is not a type of probe; allowed are " +
                   std::string{kind_names()} +
                   " and the names of agents' modules: 1 to 64 letters, digits, '_', '-', '.'";
}

std::string check_module_name(std::string_view text) {
  if (find_kind(text) != nullptr) {
    return "is built in, and its settings are those of the section " + std::string{text} +
           "; allowed is another name";
  }
  return is_prober_name(text)
             ? std::string{}
             : in_quotes(text) + " is not the name of a module; allowed are 1 to 64 letters, "
                                 "digits, '_', '-', '.'";
}

std::string check_target(std::string_view prober_type, std::string_view text) {
  const prober_name type{prober_type};
  const auto problem = read_target(type, text).problem;
  return problem.empty() ? std::string{} : bad_target_text(type, text, problem);
}

} // namespace xprober::config
