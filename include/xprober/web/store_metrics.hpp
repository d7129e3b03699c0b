#pragma once

#include "xprober/domain/targets/target_labels.hpp"
#include "xprober/store/lost_agents.hpp"
#include "xprober/store/snapshot.hpp"
#include "xprober/web/prometheus_text.hpp"

// A kind can come from an agent, and with it the names of metrics. A name means one thing in one
// answer: whoever is first has it, the program's own families before all, then the built-in kinds,
// then the others by name; what another one calls the same is left out.
namespace xprober::web {

/// The old names of each kind: means over its groups, labelled source_region and target_region or
/// addr.
void append_group_metrics(prometheus_text& out, const store_snapshot& store);

/// `xprober_never_probed`: how many targets are wanted and were never reported, labelled
/// source_region (empty where no agent is known that could probe them), target_region and
/// probe_type; `max_metric_groups` at most.
void append_never_probed(prometheus_text& out, const store_snapshot& store);

/// `xprober_probe_state`, with the state as a label, and `xprober_probe_state_since_seconds`, with
/// the reason where it is not ok, for each target, `max_metric_targets` at most, labelled as below.
/// Before all that a kind may name: it can have a column that is called so.
void append_target_states(prometheus_text& out, const store_snapshot& store,
                          const target_labels* labels, const lost_agents& lost);

/// The conventional names (`probe_success`, `probe_duration_seconds`, …), which kinds share, for
/// the latest result of each target, `max_metric_targets` at most: labelled source_region, agent,
/// target, target_region, probe_type, with the targets' labels (null: there are none).
void append_stored_targets(prometheus_text& out, const store_snapshot& store,
                           const target_labels* labels);

} // namespace xprober::web
