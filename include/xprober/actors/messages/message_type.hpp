#pragma once

// What makes a type a message: an id in one of the blocks CAF_BEGIN_TYPE_ID_BLOCK of messages/.
// Nothing else has to be said: it never leaves the process and need not be inspectable.

#include <type_traits>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_id.hpp>

namespace xprober {

/// Where the ids of each role begin. Ids need not follow each other.
inline constexpr caf::type_id_t first_common_type_id = caf::first_custom_type_id;
inline constexpr caf::type_id_t first_agent_type_id = first_common_type_id + 100;
inline constexpr caf::type_id_t first_server_type_id = first_agent_type_id + 100;

/// A type that stands in a block of this project.
template <class T>
concept message_type = caf::type_id<T>::value >= first_common_type_id;

} // namespace xprober

namespace caf {

template <xprober::message_type T>
struct allowed_unsafe_message_type<T> : std::true_type {};

} // namespace caf
