#pragma once

#include <string>
#include <string_view>

#include "xprober/verdict/incident.hpp"

namespace xprober::notify {

/// The severity that receivers know an incident by: a later one may be muted.
incident_severity told_severity(const incident& what) noexcept;

/// Sentences for people: what fails, the counts of both sides, since when, until when.
std::string description(const incident& what);

/// The page of an incident; empty without an address of this server's pages.
std::string incident_url(std::string_view external_url, const incident& what);

} // namespace xprober::notify
