#include "xprober/probes/icmp/failure_text.hpp"

#include "xprober/probes/icmp/lanes.hpp"

namespace xprober::icmp {

namespace {

std::string overload_text(const probe_slot& slot, const std::string& address) {
  if (slot.is_handed()) {
    return "the first echo to " + address +
           " was given to the kernel too late and still waits for its neighbour's address";
  }
  const auto deadline = std::to_string(slot.via->config.deadline.count());
  if (slot.probe.next_number() == 0) {
    return "no echo to " + address + " could be sent within " + deadline +
           " ms: the socket's send buffer or the network device's queue stayed full";
  }
  if (slot.main().overflow < slot.begun) {
    return "the first echo to " + address + " left too late to be answered within " + deadline +
           " ms";
  }
  return "the fate of all echoes to " + address +
         " is unknown: the socket's receive buffer overflowed meanwhile";
}

} // namespace

std::string failure_text(const probe_slot& slot, probe_error error) {
  const std::string address = to_string(slot.address);
  switch (error) {
  case probe_error::no_reply:
    return "no reply from " + address + " to " + std::to_string(slot.probe.tried()) +
           " echoes within " + std::to_string(slot.via->config.timeout.count()) + " ms each";
  case probe_error::local_overload: return overload_text(slot, address);
  default: return slot.trouble;
  }
}

} // namespace xprober::icmp
