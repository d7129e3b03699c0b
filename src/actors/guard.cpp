#include "xprober/actors/guard.hpp"

#include <exception>
#include <string>

#include <caf/all.hpp>

#include "xprober/actors/error_text.hpp"
#include "xprober/base/exception_text.hpp"
#include "xprober/base/log.hpp"

namespace xprober {

void guard_actor(caf::scheduled_actor* self, std::string_view name) {
  self->set_default_handler([name](caf::scheduled_actor*, caf::message_view& message) {
    log::error(name, "message without a handler", {{"message", message.content().stringify()}});
    return caf::result<caf::message>(caf::make_error(caf::sec::unexpected_message));
  });
  self->set_down_handler([name](caf::scheduled_actor*, caf::down_msg& down) {
    log::debug(name, "a monitored actor ended", {{"reason", error_sentence(down.reason)}});
  });
  self->set_exception_handler([name](caf::scheduled_actor*, std::exception_ptr& thrown) {
    const auto reason = exception_text(thrown);
    log::error(name, "handler failed; the actor ends", {{"error", reason}});
    return caf::make_error(caf::sec::runtime_error, reason);
  });
}

} // namespace xprober
