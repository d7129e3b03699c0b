#pragma once

#include <protozero/types.hpp>

// Field numbers of prompb/remote.proto and prompb/types.proto that requests have.
namespace xprober::request_fields {

inline constexpr protozero::pbf_tag_type series = 1;           ///< of WriteRequest
inline constexpr protozero::pbf_tag_type series_label = 1;     ///< of TimeSeries
inline constexpr protozero::pbf_tag_type series_sample = 2;    ///< likewise
inline constexpr protozero::pbf_tag_type series_histogram = 4; ///< likewise
inline constexpr protozero::pbf_tag_type label_name = 1;       ///< of Label
inline constexpr protozero::pbf_tag_type label_value = 2;      ///< likewise
inline constexpr protozero::pbf_tag_type sample_value = 1;     ///< of Sample
inline constexpr protozero::pbf_tag_type sample_timestamp = 2; ///< likewise

} // namespace xprober::request_fields
