#include <algorithm>

#include "xprober/config/checks.hpp"
#include "xprober/config/discovered.hpp"
#include "xprober/config/list_items.hpp"
#include "xprober/config/read.hpp"
#include "xprober/config/warnings.hpp"
#include "xprober/domain/address.hpp"
#include "xprober/domain/targets/discovery.hpp"
#include "xprober/domain/url_secrets.hpp"

namespace xprober::config {

namespace {

using namespace std::chrono_literals;

std::string check_list_url(std::string_view text) {
  constexpr std::string_view allowed =
      "; allowed are http:// and https:// URLs without a user (basic_auth is the place for one)";
  std::string error;
  const auto url = parse_url(text, error);
  if (url && url->scheme != "http" && url->scheme != "https") {
    error = "the scheme is " + url->scheme;
  } else if (url && !url->userinfo.empty()) {
    error = "it holds a user";
  } else if (url && url->target.find('#') != std::string::npos) {
    error = "it has a fragment";
  }
  return error.empty()
             ? std::string{}
             : quoted_url(text) + " is not the URL of a list: " + error + std::string{allowed};
}

/// Paths are meant from the folder of the file that names them, as Prometheus means them.
std::string from_folder_of(const node& where, const std::string& path) {
  const auto slash = where.origin->rfind('/');
  const bool override_or_here = where.line == 0 || slash == std::string::npos;
  return path.starts_with('/') || override_or_here ? path
                                                   : where.origin->substr(0, slash + 1) + path;
}

void read_defaults(section& item, discovery_defaults& out) {
  item.text("prober_type", out.prober_type, unless_empty(check_prober_type));
  warn_of_near_kind(item, out.prober_type);
  item.text("region", out.region, unless_empty(check_region));
  item.texts("source_regions", out.source_regions, check_region);
  item.boolean("sharding", out.sharding);
  read_labels(item, out.labels);
}

target_file_source read_file_source(section item, const node& where) {
  target_file_source out;
  item.texts("files", out.files, check_list_pattern);
  if (!item.has("files") || item.is_empty_list("files")) {
    item.report("files", "names nothing; allowed is a path or a list of them");
  }
  for (auto& path : out.files) {
    path = from_folder_of(where, path);
  }
  read_defaults(item, out.defaults);
  item.duration("refresh_interval", out.refresh_interval, 100ms, 24h);
  item.finish();
  return out;
}

void read_credentials(section& item, target_url_source& out) {
  item.file("bearer_token_file", out.bearer_token_file);
  auto basic = item.below("basic_auth");
  basic.text("username", out.basic_auth.username, check_header_value);
  basic.text("password", out.basic_auth.password, check_secret_value);
  basic.file("password_file", out.basic_auth.password_file);
  if (!out.basic_auth.password.empty() && !out.basic_auth.password_file.empty()) {
    basic.report("password_file", "stands beside password; allowed is one of them");
  }
  if (out.basic_auth.username.find(':') != std::string::npos) {
    basic.report("username", "holds a colon, which ends it for the server; allowed are names "
                             "without one");
  }
  basic.finish();
  if (!out.bearer_token_file.empty() && !(out.basic_auth == basic_auth_config{})) {
    item.report("bearer_token_file", "stands beside basic_auth; allowed is one of them");
  }
  item.file("ca_file", out.ca_file);
  item.file("cert_file", out.cert_file);
  item.file("key_file", out.key_file);
  item.boolean("insecure_skip_verify", out.insecure_skip_verify);
  if (out.cert_file.empty() != out.key_file.empty()) {
    item.report(out.cert_file.empty() ? "key_file" : "cert_file",
                "stands alone; allowed are cert_file and key_file, both or none");
  }
}

target_url_source read_url_source(section item) {
  target_url_source out;
  if (!item.has("url")) {
    item.report("url", "is missing; every entry needs one");
  }
  item.text("url", out.url, check_list_url);
  item.duration("refresh_interval", out.refresh_interval, 100ms, 24h);
  item.duration("timeout", out.timeout, 10ms, 10min);
  item.size("max_body", out.max_body, 1024, std::uint64_t{1} << 30U);
  read_credentials(item, out);
  read_defaults(item, out.defaults);
  item.finish();
  return out;
}

} // namespace

void read_labels(section& entry, label_map& out) {
  entry.text_map(
      "labels", out,
      [](std::string_view name) {
        if (name.starts_with("__")) {
          return in_quotes(name) + " begins with '__', which no series carries; allowed are others";
        }
        return label_problem(name, {});
      },
      [](std::string_view value) { return label_problem("value", value); });
}

void read_target_files(section& top, std::vector<target_file_source>& out) {
  for_each_item(top, "target_files", "paths and entries with files",
                [&](const node_ptr& item, const std::string& name) {
                  if (item->kind == node::type::map) {
                    out.push_back(read_file_source({item, name + ".", top.found()}, *item));
                  } else if (auto wrong = check_list_pattern(item->text); !wrong.empty()) {
                    top.found().add(*item, name, std::move(wrong));
                  } else {
                    out.emplace_back().files = {from_folder_of(*item, item->text)};
                  }
                });
}

void read_target_urls(section& top, std::vector<target_url_source>& out) {
  for_each_item(top, "target_urls", "URLs and entries with url",
                [&](const node_ptr& item, const std::string& name) {
                  target_url_source source;
                  if (item->kind == node::type::map) {
                    source = read_url_source({item, name + ".", top.found()});
                  } else if (auto wrong = check_list_url(item->text); !wrong.empty()) {
                    top.found().add(*item, name, std::move(wrong));
                    return;
                  } else {
                    source.url = item->text;
                  }
                  // Their names are without their secrets.
                  const auto shown = shown_url(source.url);
                  if (std::ranges::any_of(
                          out, [&](const auto& other) { return shown_url(other.url) == shown; })) {
                    top.found().add(*item, name,
                                    in_quotes(shown) + " is named twice; remove one of them");
                    return;
                  }
                  out.push_back(std::move(source));
                });
}

} // namespace xprober::config
