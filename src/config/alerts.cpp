#include <algorithm>
#include <array>
#include <set>

#include <nlohmann/json.hpp>

#include "xprober/config/checks.hpp"
#include "xprober/config/list_items.hpp"
#include "xprober/config/read.hpp"
#include "xprober/domain/address.hpp"
#include "xprober/domain/alert_receivers.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/targets/target_labels.hpp"
#include "xprober/domain/text_template.hpp"

namespace xprober::config {

namespace {

constexpr std::size_t most_alert_receivers = 50;

std::string check_alert_header(std::string_view text) {
  constexpr std::array<std::string_view, 4> own{"host", "user-agent", "idempotency-key",
                                                "x-xprober-signature"};
  const auto name = ascii::to_lower(text);
  if (std::find(own.begin(), own.end(), name) != own.end()) {
    return in_quotes(text) + " is set by the server itself; remove it";
  }
  return name == "content-type"
             ? in_quotes(text) + " is not a header here; a webhook has content_type"
             : check_header_name(text);
}

std::string check_alert_label(std::string_view text) {
  constexpr std::array<std::string_view, 7> own{"alertname", "incident", "probe_type",   "region",
                                                "severity",  "target",   "source_region"};
  if (!is_label_name(text) || text.starts_with("__")) {
    return in_quotes(text) + " is not a label name; allowed are letters, digits and '_', with no "
                             "digit first and no \"__\" first";
  }
  return std::find(own.begin(), own.end(), text) != own.end()
             ? in_quotes(text) + " is set by the server itself; allowed are other names"
             : std::string{};
}

std::string check_external_url(std::string_view text) {
  std::string error;
  const auto url = parse_url(text, error);
  if (url && (url->scheme != "http" && url->scheme != "https")) {
    error = "the scheme is " + url->scheme;
  } else if (url && (url->host.empty() || !url->userinfo.empty())) {
    error = url->host.empty() ? "the host is missing" : "it has a user";
  } else if (url && url->target.find_first_of("?#") != std::string::npos) {
    error = "it has a query or a fragment";
  }
  return error.empty() ? std::string{}
                       : quoted_url(text) + " is not this server's address: " + error +
                             "; allowed is http(s)://HOST[:PORT][/PATH]";
}

std::string check_webhook_name(std::string_view text) {
  return text.size() <= 200 && is_clean_text(text)
             ? std::string{}
             : "is too long or no clean text; allowed are at most 200 bytes of text";
}

std::string check_content_type(std::string_view text) {
  return text.find('/') != std::string_view::npos && text.size() <= 200
             ? check_header_value(text)
             : in_quotes(text) + " is not a content type; allowed are those such as "
                                 "application/json and text/plain";
}

std::string allowed_alert_fields() {
  std::string all;
  for (const auto name : alert_fields) {
    all.append(name).append(", ");
  }
  return all + "labels.NAME";
}

bool is_alert_field(std::string_view name) {
  constexpr std::string_view labels = "labels.";
  return std::find(alert_fields.begin(), alert_fields.end(), name) != alert_fields.end() ||
         (name.starts_with(labels) && is_label_name(name.substr(labels.size())));
}

/// What stands for a field where a body is tried: a number can stand in a text as well, and a text
/// without quotes is no JSON.
std::string sample_of_field(std::string_view name) {
  constexpr auto numbers =
      std::to_array<std::string_view>({"id", "sequence", "opened_unix", "closed_unix", "sources",
                                       "sources_of", "targets", "targets_of"});
  return std::find(numbers.begin(), numbers.end(), name) != numbers.end() ? "0" : "a";
}

/// What is wrong with a webhook's body; empty where nothing is.
std::string body_problem(const std::string& body, const std::string& content_type) {
  std::string error;
  const auto parsed = text_template::parse(body, error);
  if (!parsed) {
    return error + "; allowed are fields such as {{summary}}";
  }
  for (const auto& name : parsed->fields()) {
    if (!is_alert_field(name)) {
      return in_quotes("{{" + name + "}}") + " is not a field; allowed are " +
             allowed_alert_fields();
    }
  }
  const auto sample = parsed->fill(sample_of_field);
  if (is_json_type(content_type) && !nlohmann::json::accept(sample)) {
    return "is not JSON once its fields are filled in; allowed is JSON, with quotes around all but "
           "numbers, or another content_type";
  }
  return {};
}

void read_receiver_keys(section& item, alert_receiver_config& out) {
  if (!item.has("url")) {
    item.report("url", "is missing; every receiver needs one");
  }
  item.text("url", out.url, check_receiver_url);
  item.text_map("headers", out.headers, check_alert_header, check_header_value);
  item.file("bearer_token_file", out.bearer_token_file);
  const auto is_authorization = [](const auto& header) {
    return ascii::same(header.first, "authorization");
  };
  if (!out.bearer_token_file.empty() &&
      std::any_of(out.headers.begin(), out.headers.end(), is_authorization)) {
    item.report("bearer_token_file", "stands beside a header Authorization; allowed is one of the "
                                     "two");
  }
  item.file("ca_file", out.ca_file);
  item.file("cert_file", out.cert_file);
  item.file("key_file", out.key_file);
  if (out.cert_file.empty() != out.key_file.empty()) {
    item.report(out.cert_file.empty() ? "key_file" : "cert_file",
                "stands alone; a certificate needs cert_file and key_file, both or none");
  }
  item.boolean("insecure_skip_verify", out.insecure_skip_verify);
}

alert_receiver_config read_alertmanager(section item) {
  alert_receiver_config out;
  read_receiver_keys(item, out);
  item.finish();
  return out;
}

webhook_config read_webhook(section item) {
  webhook_config out;
  read_receiver_keys(item, out.to);
  item.text("name", out.name, check_webhook_name);
  item.file("secret_file", out.secret_file);
  item.text("content_type", out.content_type, check_content_type);
  item.text("body", out.body);
  if (auto problem = body_problem(out.body, out.content_type);
      !out.body.empty() && !problem.empty()) {
    item.report("body", std::move(problem));
  }
  item.finish();
  return out;
}

/// The receivers of one list, URLs or sections; `from_url` and `from_section` make one.
template <class Receiver, class FromUrl, class FromSection>
void read_receivers(section& alerts, std::string_view list, std::vector<Receiver>& out,
                    FromUrl from_url, FromSection from_section) {
  std::set<std::string> queues;
  for_each_item(alerts, list, "URLs and receivers with a url",
                [&](const node_ptr& item, const std::string& name) {
                  Receiver receiver;
                  if (item->kind == node::type::map) {
                    receiver = from_section({item, name + ".", alerts.found()});
                  } else if (auto wrong = check_receiver_url(item->text); !wrong.empty()) {
                    alerts.found().add(*item, name, std::move(wrong));
                    return;
                  } else {
                    receiver = from_url(item->text);
                  }
                  if (!queues.insert(receiver_name(receiver)).second) {
                    alerts.found().add(*item, name,
                                       "is named before; allowed are different URLs, or a name of "
                                       "its own for each webhook");
                  }
                  out.push_back(std::move(receiver));
                });
  if (out.size() > most_alert_receivers) {
    alerts.report(list, "names " + std::to_string(out.size()) + " receivers; allowed are " +
                            std::to_string(most_alert_receivers));
  }
}

} // namespace

void read_alerts(section alerts, alerts_config& out) {
  alerts.number("for", out.results, 1, 20);
  read_receivers(
      alerts, "alertmanagers", out.alertmanagers,
      [](const std::string& url) {
        alert_receiver_config made;
        made.url = url;
        return made;
      },
      read_alertmanager);
  read_receivers(
      alerts, "webhooks", out.webhooks,
      [](const std::string& url) {
        webhook_config made;
        made.to.url = url;
        return made;
      },
      read_webhook);
  alerts.text("external_url", out.external_url, unless_empty(check_external_url));
  alerts.text_map("labels", out.labels, check_alert_label, check_label_value);
  alerts.finish();
}

} // namespace xprober::config
