#pragma once

#include <string>
#include <string_view>

#include "xprober/net/http_types.hpp"

// Fields of a request that are lists with weights (RFC 9110, 5.6.1 and 12.4.2): Accept and others.
namespace xprober::net {

/// Cuts the first part off, up to `separator`, without the blanks around it.
std::string_view cut_part(std::string_view& text, char separator);

/// A parameter among those of an item, `name=value; …`, without quotes; empty where there is none.
std::string_view parameter_of(std::string_view parameters, std::string_view name);

/// The weight among the parameters of an item; 1 where there is none, 0 where it is no number.
double weight_of(std::string_view parameters);

/// All lines of a field as one list.
std::string all_lines(const http_request& request, http::field name);

} // namespace xprober::net
