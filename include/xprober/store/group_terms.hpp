#pragma once

#include <string>
#include <vector>

#include "xprober/domain/config.hpp"
#include "xprober/store/snapshot.hpp"
#include "xprober/store/target_question.hpp"

namespace xprober {

/// The rows that fit all matchers of a group.
target_terms terms_of(const status_group& group);

/// What a group is known by, whatever it is called: its matchers as a text.
std::string matchers_text(const status_group& group);

/// What counts the rows of each group, by its `matchers_text`.
tally_question matchers_question(const std::vector<status_group>& groups);

/// How many rows tell something of their targets: what is ok, degraded or failing. Nothing is known
/// of the others.
std::uint64_t known_of(const state_numbers& states) noexcept;

} // namespace xprober
