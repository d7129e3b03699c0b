#include "xprober/app/series_memory.hpp"

#include "xprober/base/log.hpp"
#include "xprober/bridge/error.hpp"

namespace xprober::app {

void restore_series(caf::actor_system& system, const series_keeper_actor& keeper,
                    caf::timespan patience) {
  if (!keeper) {
    return;
  }
  caf::scoped_actor self{system};
  self->request(keeper, patience, restore_atom_v)
      .receive([](done_atom) {},
               [](const caf::error& error) {
                 log::error("main", "the kept states of series are not there in time",
                            {{"error", bridge::error_text(error)}});
               });
}

void keep_series(caf::actor_system& system, const series_keeper_actor& keeper,
                 caf::timespan patience) {
  if (!keeper) {
    return;
  }
  caf::scoped_actor self{system};
  self->request(keeper, patience, stop_atom_v)
      .receive([](done_atom) {},
               [](const caf::error& error) {
                 log::warn("main", "the last states of series are not kept",
                           {{"error", bridge::error_text(error)}});
               });
}

} // namespace xprober::app
