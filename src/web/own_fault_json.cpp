#include "xprober/web/own_fault_json.hpp"

namespace xprober::web {

json own_faults_json(std::span<const own_fault> faults) {
  json out = json::array();
  for (const auto& fault : faults) {
    out.push_back(
        {{"reason", fault.reason}, {"detail", fault.detail}, {"since_unix", fault.since_unix}});
  }
  return out;
}

} // namespace xprober::web
