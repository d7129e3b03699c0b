#include <algorithm>
#include <cstddef>

#include "xprober/config/checks.hpp"
#include "xprober/config/kind_section.hpp"
#include "xprober/config/tls_section.hpp"
#include "xprober/domain/kind_table.hpp"

namespace xprober::config {

namespace {

constexpr std::size_t max_steps = 100;
// The second within the first, as blackbox_exporter has it.
constexpr std::ptrdiff_t max_tls_starts = 2;

tcp_step read_step(section item) {
  tcp_step step;
  item.text("expect", step.expect, unless_empty(check_regexp));
  item.text("send", step.send);
  item.boolean("starttls", step.starttls);
  item.finish();
  return step;
}

void read_steps(section& tcp, std::vector<tcp_step>& out) {
  const auto list = tcp.value("query_response");
  if (!list) {
    return;
  }
  out.clear();
  if (list->kind == node::type::null) {
    return;
  }
  if (list->kind != node::type::list || list->children.size() > max_steps) {
    tcp.report("query_response", "is " + std::string{to_string(list->kind)} +
                                     "; allowed is a list of at most 100 {expect, send, starttls}");
    return;
  }
  for (std::size_t i = 0; i < list->children.size(); ++i) {
    const auto& item = list->children[i];
    const auto full = tcp.full_name("query_response") + "[" + std::to_string(i) + "]";
    if (item->kind == node::type::map) {
      out.push_back(read_step({item, full + ".", tcp.found()}));
    } else {
      tcp.found().add(*item, full,
                      "is " + std::string{to_string(item->kind)} +
                          "; allowed is {expect, send, starttls}");
    }
  }
}

void check_tls_starts(section& tcp, const tcp_probe_config& config) {
  const auto starts =
      (config.tls ? 1 : 0) + std::ranges::count_if(config.query_response, &tcp_step::starttls);
  if (starts > max_tls_starts) {
    tcp.report("query_response",
               "starts TLS " + std::to_string(starts) +
                   " times, tls counted; allowed is twice: tls: true or a step with "
                   "starttls: true, and one such step within that TLS");
  }
}

void read_tcp(section tcp, kind_settings& settings) {
  auto& out = settings.tcp;
  read_connection_keys(tcp, out);
  read_steps(tcp, out.query_response);
  tcp.boolean("tls", out.tls);
  check_tls_starts(tcp, out);
  read_tls_config(tcp, out.tls_config);
  tcp.finish();
}

std::string step_text(const tcp_step& step) {
  // What is sent can be a password.
  return "{expect: " + quoted_text(step.expect) + ", send: " + yaml_lines::secret_text(step.send) +
         ", starttls: " + (step.starttls ? "true" : "false") + "}";
}

std::string tcp_text(const kind_settings& settings) {
  const auto& tcp = settings.tcp;
  yaml_lines lines{kinds::tcp().name};
  append_connection_keys(lines, tcp);
  lines.list("query_response", tcp.query_response, step_text);
  lines.flag("tls", tcp.tls);
  append_tls_config(lines, tcp.tls_config);
  return lines.take();
}

} // namespace

kind_section tcp_section() noexcept {
  return {.kind = &kinds::tcp(),
          .read = read_tcp,
          .shared_keys = connection_shared_keys,
          .timeout = [](kind_settings& all) -> milliseconds& { return all.tcp.timeout; },
          .text = tcp_text};
}

} // namespace xprober::config
