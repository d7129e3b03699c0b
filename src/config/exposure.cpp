#include <string>

#include "xprober/config/read.hpp"
#include "xprober/domain/comma_list.hpp"

namespace xprober::config {

void read_insecure(section& top, std::initializer_list<listening_port> ports, bool& out) {
  top.boolean("insecure", out);
  std::string open;
  for (const auto& port : ports) {
    const auto problem = exposure_problem(port.address, port.section, port.has);
    if (problem.empty()) {
      continue;
    }
    auto address = in_quotes(port.address);
    if (out) {
      append_listed(open, std::string{port.key} + " " + address);
    } else {
      address.append(" ").append(problem);
      top.expose(port.key, address);
    }
  }
  if (out) {
    top.warn("insecure",
             open.empty() ? "is true, and no port needs it: it can go"
                          : "is true: other machines reach without TLS and a credential " + open);
  }
}

} // namespace xprober::config
