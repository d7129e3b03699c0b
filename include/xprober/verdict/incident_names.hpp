#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/verdict/evidence.hpp"
#include "xprober/verdict/incident.hpp"

namespace xprober {

/// What a cell's number of a reason stands for.
struct failure_text {
  std::string reason{}; ///< the error's name, e.g. "refused"
  std::string phase{};
  std::string detail{}; ///< the sentence
};

/// What the caller's numbers of one kind's evidence stand for. A name tells a source or a target
/// from every other one of its side for as long as it exists, also after a restart; where one
/// occurs in several kinds it is the same one.
class incident_names {
public:
  virtual ~incident_names() = default;

  virtual std::string_view name(side of, std::uint32_t number) const = 0;
  virtual std::string_view region(side of, std::uint32_t number) const = 0;
  /// Of a target: what its list says.
  virtual std::vector<incident_label> labels(std::uint32_t target) const = 0;
  /// Of targets "name=value" or a prefix, of sources a region.
  virtual std::string group(side of, std::uint32_t group) const = 0;
  virtual failure_text failure(std::uint32_t reason) const = 0;
  /// Nothing where there is none of that name any more: it is not probed, or probes no more.
  virtual std::optional<std::uint32_t> find(side of, std::string_view name) const = 0;
};

} // namespace xprober
