#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "xprober/verdict/incident.hpp"
#include "xprober/verdict/mute.hpp"

namespace xprober::storage {

/// An incident as it lies in its file: a version, then its fields in their order. `whole` false:
/// without timeline and keys, as receivers are told of it.
std::string incident_record(const incident& what, bool whole = true);
/// Nothing where the bytes are none, or of a later version.
std::optional<incident> read_incident(std::string_view bytes);

std::string mute_record(const mute& what);
std::optional<mute> read_mute(std::string_view bytes);

} // namespace xprober::storage
