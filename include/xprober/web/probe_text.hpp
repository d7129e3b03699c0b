#pragma once

#include <string>

#include "xprober/actors/messages/probe_requests.hpp"
#include "xprober/probes/presenter_table.hpp"

namespace xprober::web {

/// The metrics of one probe as blackbox_exporter 0.23 names and explains them, and a few of ours
/// beside them. What was not measured is left out: blackbox_exporter reports 0 for it.
std::string probe_metrics(const probe_answer& answer, const presenter_table& presenters);

/// `debug=true`: the steps of the probe, its metrics, and its module, as text for people. `module`
/// is the module's configuration, without its secrets.
std::string probe_debug_text(const probe_question& question, const probe_answer& answer,
                             const presenter_table& presenters, const std::string& module);

} // namespace xprober::web
