// Memory of a target actor beside that of a typed event-based actor of the framework with the same
// interface and no state: `./dev bench actor_memory [ACTORS]`.

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <malloc.h>

#include "xprober/actors/agent/target.hpp"
#include "xprober/actors/register_messages.hpp"
#include "xprober/domain/kind_table.hpp"

namespace {

using namespace xprober;

target_actor::behavior_type event_based(target_actor::pointer, int) {
  return {[](const tick&) {}, [](const probe_done&) {},
          [](describe_atom) { return target_story{}; }};
}

std::size_t heap_bytes() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

template <class Spawn>
double bytes_each(std::size_t number, Spawn spawn) {
  std::vector<target_actor> actors;
  actors.reserve(number);
  const auto before = heap_bytes();
  for (std::size_t i = 0; i < number; ++i) {
    actors.push_back(spawn(static_cast<target_index>(i)));
  }
  return static_cast<double>(heap_bytes() - before) / static_cast<double>(number);
}

} // namespace

int main(int argc, char** argv) {
  const auto number = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
  caf::actor_system_config config;
  register_messages(config);
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", std::size_t{1});
  caf::actor_system system{config};
  std::vector<target_ref> specs;
  for (std::size_t i = 0; i < number; ++i) {
    specs.push_back(new_counted<const target_spec>(
        target_spec{{"r-b", "10.0.0.1", kinds::icmp()}, static_cast<target_index>(i)}));
  }
  const auto context = new_counted<const target_context>();
  const auto compact =
      bytes_each(number, [&](target_index i) { return system.spawn<target>(specs[i], context); });
  const auto framework = bytes_each(
      number, [&](target_index) { return system.spawn<caf::lazy_init>(event_based, 0); });
  std::printf("%llu actors\n%-46s %7.0f bytes each\n%-46s %7.0f bytes each\nratio %.2f\n",
              static_cast<unsigned long long>(number), "target (compact_actor, with its state)",
              compact, "event-based actor, no state, not initialised", framework,
              compact / framework);
  return compact < framework ? 0 : 1;
}
