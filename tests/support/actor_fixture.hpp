#pragma once

// Include this after all other headers: the framework's dsl.hpp defines `expect`, `allow`,
// `inject`.

#include "xprober/actors/actors.hpp"
#include "xprober/actors/register_messages.hpp"

#include "caf/test/dsl.hpp"

/// Registers the project's messages with the actor system.
struct xprober_config : caf::actor_system_config {
  xprober_config() { xprober::register_messages(*this); }
};

/// An actor system on one thread with a virtual clock: `run()` handles all messages,
/// `sched.advance_time` moves the clock.
struct xprober_fixture : test_coordinator_fixture<xprober_config> {};
