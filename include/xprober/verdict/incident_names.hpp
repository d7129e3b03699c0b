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

/// The agents of a region that hardly anybody reaches.
struct unreached_agents {
  std::vector<std::string> names{}; ///< "region address", in order
  std::uint32_t run = 0;            ///< each of them has failed for so many results in a row
  std::uint32_t others = 0;         ///< agents of the region that are reached
  bool lost = false;                ///< all of them are lost, too
};

/// What a source was called before, or will be when others are in the same trouble: an incident
/// that names one of these goes on with it.
struct source_names {
  std::vector<std::string> names{};
  bool unreached = false; ///< nobody reaches it: what is not reached under these names is this, too
};

/// What the caller's numbers of one kind's evidence stand for. A name tells a source or a target
/// from every other one of its side for as long as it exists, also after a restart; where one
/// occurs in several kinds it is the same one.
class incident_names {
public:
  virtual ~incident_names() = default;

  virtual std::string name(side of, std::uint32_t number) const = 0;
  virtual std::string region(side of, std::uint32_t number) const = 0;
  /// Of a target: what its list says.
  virtual std::vector<incident_label> labels(std::uint32_t target) const = 0;
  /// Of targets "name=value" or a prefix, of sources a region.
  virtual std::string group(side of, std::uint32_t group) const = 0;
  virtual failure_text failure(std::uint32_t reason) const = 0;
  /// What a cell's number of a sentence stands for.
  virtual std::string sentence(std::uint32_t /*number*/) const { return {}; }
  /// What a source says itself of its trouble; empty: nothing.
  virtual failure_text trouble(std::uint32_t /*source*/) const { return {}; }
  /// Of a region, where targets are regions.
  virtual unreached_agents unreached(std::uint32_t /*region*/) const { return {}; }
  virtual source_names other_names(std::uint32_t /*source*/) const { return {}; }
  /// Of a source that is one agent: what it was called when its region had fewer or more of them;
  /// empty: nothing else.
  virtual std::string former_name(std::uint32_t /*source*/) const { return {}; }
  /// Nothing where there is none of that name any more: it is not probed, or probes no more.
  virtual std::optional<std::uint32_t> find(side of, std::string_view name) const = 0;
};

} // namespace xprober
