#pragma once

#include <cstdint>
#include <vector>

#include "xprober/verdict/cause.hpp"
#include "xprober/verdict/cause_maker.hpp"
#include "xprober/verdict/chance.hpp"
#include "xprober/verdict/trouble.hpp"

// The steps of `find_causes`, in their order. Each adds the causes that it finds and explains cells
// by them.

namespace xprober {

/// Probers in trouble: alone, those of one region together, or all together. Returns how many of
/// them have cells that are known.
std::uint32_t find_probers(trouble& t, std::vector<cause>& causes);

/// By number, the regions all of whose agents are silent; empty where targets are no regions.
std::vector<bool> silent_regions(const evidence& all, const std::vector<cause>& causes);

/// Lines and groups of lines that fail as a whole.
void find_wholes(trouble& t, const chance& noise, std::vector<bool> silent,
                 std::vector<cause>& causes);

/// Blames what is left to parts of sources and targets, blocks of them and pairs.
void find_parts(trouble& t, const chance& noise, std::vector<cause>& causes);

/// Makes one cause of a region that is blamed on both sides, or on one while its probers are
/// silent.
void merge_regions(const evidence& all, std::vector<cause>& causes);

/// Makes one cause of targets, and one of paths, that began to fail together: at least twenty
/// causes within a minute, of which a group counts as ten.
void merge_bursts(std::vector<cause>& causes);

/// Counts the others that are blamed, and brings causes into their order.
void finish_causes(const evidence& all, std::vector<cause>& causes);

} // namespace xprober
