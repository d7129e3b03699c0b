#include "xprober/actors/guard.hpp"

#include <exception>
#include <new>
#include <string>

#include <caf/all.hpp>

#include "xprober/actors/error_text.hpp"
#include "xprober/actors/messages/common.hpp"
#include "xprober/base/exception_text.hpp"
#include "xprober/base/log.hpp"

namespace xprober {

void guard_actor(caf::scheduled_actor* self, std::string_view name) {
  self->set_default_handler(
      [name](caf::scheduled_actor*, caf::message_view& message) -> caf::result<caf::message> {
        if (message.content().match_elements<ping_atom>()) {
          return caf::make_message(done_atom_v);
        }
        log::error(name, "message without a handler", {{"message", message.content().stringify()}});
        return caf::make_error(caf::sec::unexpected_message);
      });
  self->set_down_handler([name](caf::scheduled_actor*, caf::down_msg& down) {
    log::debug(name, "a monitored actor ended", {{"reason", error_sentence(down.reason)}});
  });
  self->set_exception_handler([name](caf::scheduled_actor*, std::exception_ptr& thrown) {
    try {
      const auto reason = exception_text(thrown);
      log::error(name, "handler failed; the actor ends", {{"error", reason}});
      return caf::make_error(caf::sec::runtime_error, reason);
    } catch (const std::bad_alloc&) {
      // Not even for this there is memory.
      return caf::make_error(caf::sec::runtime_error);
    }
  });
}

} // namespace xprober
