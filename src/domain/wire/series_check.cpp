#include "xprober/domain/wire/series_check.hpp"

#include <algorithm>

#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/target.hpp"

namespace xprober {

namespace {

/// The longest name of an agent: a numeric address, or whatever another implementation calls
/// itself.
constexpr std::size_t max_agent_bytes = 256;

std::string_view check_type(std::string_view type) noexcept {
  return is_prober_name(type) ? "" : "probeType is not the name of a kind of probe or of a module";
}

std::string_view check_source(std::string_view region) noexcept {
  return is_region_name(region) ? "" : "sourceRegion is empty, too long or no clean text";
}

std::string_view check_region(std::string_view region) noexcept {
  return region.size() <= max_region_bytes && is_clean_text(region)
             ? ""
             : "targetRegion is too long or no clean text";
}

std::string_view check_address(std::string_view address) noexcept {
  return !address.empty() && address.size() <= max_address_bytes && is_clean_text(address)
             ? ""
             : "targetAddr is empty, too long or no clean text";
}

std::string_view check_agent(std::string_view name) noexcept {
  return name.size() <= max_agent_bytes && is_clean_text(name)
             ? ""
             : "workerName is too long or no clean text";
}

} // namespace

std::string_view check_series(const wire_value& value) noexcept {
  auto why = check_type(value.probe_type);
  why = why.empty() ? check_source(value.source_region) : why;
  why = why.empty() ? check_region(value.target_region) : why;
  why = why.empty() ? check_address(value.target_addr) : why;
  return why.empty() ? check_agent(value.worker_name) : why;
}

std::string_view check_kind(std::string_view type, const probe_kind& kind) noexcept {
  const auto* known = find_kind(type);
  return known != nullptr && known != &kind && *known != kind
             ? "the rows of a target do not have the form of its type"
             : std::string_view{};
}

batch_judge::batch_judge(const batch_parser& batch)
    : batch_(batch), agent_(check_source(batch.source_region())),
      verdicts_(batch.targets(), unknown) {
  agent_ = agent_.empty() ? check_agent(batch.worker_name()) : agent_;
}

std::string_view batch_judge::judge(std::uint32_t number) {
  if (!agent_.empty()) {
    return agent_;
  }
  const auto target = batch_.target(number);
  if (target.region.data() != region_ || target.type.data() != type_) {
    region_ = target.region.data();
    type_ = target.type.data();
    names_ = check_type(target.type);
    names_ = names_.empty() ? check_region(target.region) : names_;
    if (names_.empty() && target.kind != nullptr) { // without one no row can be read
      names_ = check_kind(target.type, *target.kind);
    }
  }
  return names_.empty() ? check_address(target.address) : names_;
}

std::uint8_t batch_judge::number_of(std::string_view reason) {
  const auto found = std::ranges::find(reasons_, reason);
  const auto number = static_cast<std::uint8_t>(found - reasons_.begin());
  if (found == reasons_.end()) {
    reasons_.push_back(reason);
  }
  return number;
}

} // namespace xprober
