#include "xprober/config/kind_section.hpp"
#include "xprober/config/tls_section.hpp"
#include "xprober/domain/kind_table.hpp"

namespace xprober::config {

namespace {

void read_tls(section tls, kind_settings& settings) {
  auto& out = settings.tls;
  read_connection_keys(tls, out);
  tls.choice("starttls", out.starttls, starttls_names);
  read_tls_config(tls, out.tls_config);
  tls.finish();
}

std::string tls_text(const kind_settings& settings) {
  const auto& tls = settings.tls;
  yaml_lines lines{kinds::tls().name};
  append_connection_keys(lines, tls);
  lines.choice("starttls", tls.starttls, starttls_names);
  append_tls_config(lines, tls.tls_config);
  return lines.take();
}

} // namespace

kind_section tls_section() noexcept {
  return {.kind = &kinds::tls(),
          .read = read_tls,
          .shared_keys = connection_shared_keys,
          .timeout = [](kind_settings& all) -> milliseconds& { return all.tls.timeout; },
          .text = tls_text};
}

} // namespace xprober::config
