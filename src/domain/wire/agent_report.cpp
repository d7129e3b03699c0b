#include "xprober/domain/wire/agent_report.hpp"

#include "xprober/domain/wire/sentence.hpp"

namespace xprober {

void clean_report(agent_report& report) {
  report.version = clean_sentence(report.version);
  report.http_addr = clean_sentence(report.http_addr);
  if (report.backlog && report.backlog->oldest_unix < 0) {
    report.backlog->oldest_unix = 0;
  }
  std::erase_if(report.own_faults, [](const own_fault& fault) { return fault.reason.empty(); });
  if (report.own_faults.size() > most_own_faults) {
    report.own_faults.resize(most_own_faults);
  }
  for (auto& fault : report.own_faults) {
    fault.reason = clean_sentence(fault.reason);
    fault.detail = clean_sentence(fault.detail);
  }
}

} // namespace xprober
