#include <algorithm>
#include <array>

#include "xprober/config/checks.hpp"
#include "xprober/config/read.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/domain/history/history.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/url_secrets.hpp"

namespace xprober::config {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_receivers = 100;

std::string check_receiver_header(std::string_view text) {
  constexpr std::array<std::string_view, 5> own{"host", "user-agent", "content-type",
                                                "content-encoding",
                                                "x-prometheus-remote-write-version"};
  if (std::find(own.begin(), own.end(), ascii::to_lower(text)) != own.end()) {
    return in_quotes(text) + " is set by the server itself; remove it";
  }
  return check_header_name(text);
}

std::string check_label_name(std::string_view text) {
  const auto fits = [](char c, bool first) {
    return ascii::is_letter(c) || c == '_' || (!first && ascii::is_digit(c));
  };
  bool good = !text.empty() && !text.starts_with("__");
  for (std::size_t i = 0; i < text.size(); ++i) {
    good = good && fits(text[i], i == 0);
  }
  if (!good) {
    return in_quotes(text) +
           " is not a label name; allowed are letters, digits and '_', with no digit "
           "first and no \"__\" first";
  }
  return is_own_label(text)
             ? in_quotes(text) + " is set by the server itself; allowed are other names"
             : std::string{};
}

std::string check_queue_name(std::string_view text) {
  if (text == history_reader) {
    return in_quotes(text) + " is the name of the history's queue; allowed are other names";
  }
  return text.size() <= 255 && is_clean_text(text)
             ? std::string{}
             : "is too long or no clean text; allowed are at most 255 bytes of text";
}

void read_basic_auth(section basic, basic_auth_config& out) {
  basic.text("username", out.username, check_header_value);
  basic.text("password", out.password, check_secret_value);
  basic.file("password_file", out.password_file);
  if (!out.password.empty() && !out.password_file.empty()) {
    basic.report("password_file", "stands beside password; allowed is one of the two");
  }
  if (out.username.empty() && (!out.password.empty() || !out.password_file.empty())) {
    basic.report("username", "is missing; a password needs one");
  }
  if (out.username.find(':') != std::string::npos) {
    basic.report("username", "holds a colon; allowed are names without one");
  }
  basic.finish();
}

std::string name_of(const remote_write_config& receiver) {
  return receiver.name.empty() ? shown_url(receiver.url) : receiver.name;
}

remote_write_config read_receiver(section item) {
  remote_write_config out;
  if (!item.has("url")) {
    item.report("url", "is missing; every receiver needs one");
  }
  item.text("url", out.url, check_receiver_url);
  item.text("name", out.name, check_queue_name);
  item.text_map("headers", out.headers, check_receiver_header, check_header_value);
  item.file("bearer_token_file", out.bearer_token_file);
  read_basic_auth(item.below("basic_auth"), out.basic_auth);
  if (!out.bearer_token_file.empty() && !out.basic_auth.username.empty()) {
    item.report("bearer_token_file", "stands beside basic_auth; allowed is one of the two");
  }
  item.file("ca_file", out.ca_file);
  item.boolean("insecure_skip_verify", out.insecure_skip_verify);
  item.duration("timeout", out.timeout, 100ms, 10min);
  item.text_map("labels", out.labels, check_label_name, check_label_value);
  item.boolean("conventional_names", out.conventional_names);
  item.boolean("native_histograms", out.native_histograms);
  item.number("max_samples_per_send", out.max_samples_per_send, 1, 1'000'000);
  item.size("queue_max_bytes", out.queue_max_bytes, std::uint64_t{64} << 10,
            std::uint64_t{1} << 50);
  item.finish();
  return out;
}

} // namespace

void read_remote_write(section& top, std::vector<remote_write_config>& out) {
  const auto list = top.value("remote_write");
  if (!list || list->kind == node::type::null || top.is_empty_list("remote_write")) {
    return;
  }
  if (list->kind != node::type::list || list->children.size() > most_receivers) {
    top.report("remote_write", "is " + std::string{to_string(list->kind)} +
                                   "; allowed is a list of at most 100 receivers, each with a url");
    return;
  }
  for (std::size_t i = 0; i < list->children.size(); ++i) {
    const auto& item = list->children[i];
    const auto name = top.full_name("remote_write") + "[" + std::to_string(i) + "]";
    if (item->kind != node::type::map) {
      top.found().add(*item, name,
                      "is " + std::string{to_string(item->kind)} +
                          "; allowed are receivers, each with a url");
      continue;
    }
    auto receiver = read_receiver({item, name + ".", top.found()});
    const auto queue = name_of(receiver);
    const bool twice = std::any_of(out.begin(), out.end(), [&](const remote_write_config& other) {
      return !queue.empty() && name_of(other) == queue;
    });
    if (twice) {
      top.found().add(*item, name,
                      "has the queue of another receiver; allowed are different URLs, or a name of "
                      "its own for each");
    }
    out.push_back(std::move(receiver));
  }
}

} // namespace xprober::config
