#include "xprober/remote_write/histogram_encoder.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <protozero/pbf_writer.hpp>

#include "request_fields.hpp"
#include "xprober/domain/history/histogram_message.hpp"
#include "xprober/domain/label_text.hpp"

namespace xprober {

namespace {

using label_view = std::pair<std::string_view, std::string_view>;

} // namespace

histogram_encoder::histogram_encoder(std::map<std::string, std::string> labels, std::size_t most,
                                     std::int64_t began_unix_ms)
    : labels_(std::move(labels)), most_(most), began_unix_ms_(began_unix_ms) {}

/// Empty where they are no clean text.
std::string histogram_encoder::labels_of(const history_subject& subject) const {
  const std::array<label_view, 4> own{{{"__name__", histogram_metric(subject.grouped_by)},
                                       {"probe_type", subject.kind},
                                       {"source_region", subject.source_region},
                                       {histogram_label(subject.grouped_by), subject.other}}};
  std::vector<label_view> all;
  for (const auto& one : own) {
    if (!is_clean_text(one.second)) {
      return {};
    }
    if (!one.second.empty()) { // an empty label is none
      all.push_back(one);
    }
  }
  for (const auto& [name, value] : labels_) {
    if (!value.empty() &&
        std::ranges::find(own, std::string_view{name}, &label_view::first) == own.end()) {
      all.emplace_back(name, value);
    }
  }
  std::ranges::sort(all);
  std::string out;
  protozero::pbf_writer series{out};
  for (const auto& [name, value] : all) {
    protozero::pbf_writer one{series, request_fields::series_label};
    one.add_string(request_fields::label_name, name.data(), name.size());
    one.add_string(request_fields::label_value, value.data(), value.size());
  }
  return out;
}

void histogram_encoder::add(std::vector<request>& requests, std::string_view labels,
                            std::string_view histogram) const {
  if (requests.empty() || requests.back().series >= most_) {
    requests.emplace_back();
  }
  auto& to = requests.back();
  protozero::pbf_writer out{to.bytes};
  protozero::pbf_writer series{out, request_fields::series};
  to.bytes += labels;
  series.add_message(request_fields::series_histogram, histogram.data(), histogram.size());
  ++to.series;
}

void histogram_encoder::add_known(std::vector<request>& requests,
                                  const sent_series::iterator& known, const histogram_series& one,
                                  bool fresh, std::int64_t unix_ms) {
  auto& last = known->second;
  last.seen = round_;
  if (one.quiet >= longest_quiet) {
    if (!last.ended && !fresh) {
      add(requests, known->first, remote_write_stale_histogram(unix_ms));
      last.written = round_;
    }
    last.ended = true;
    return;
  }
  const bool anew = last.created_unix_ms != one.created_unix_ms;
  const bool changed = anew || last.count != one.seconds.count() || last.ended;
  if (!changed && last.unix_ms != 0 && unix_ms - last.unix_ms < repeat_ms) {
    return;
  }
  const bool reset = anew && one.created_unix_ms >= began_unix_ms_;
  add(requests, known->first, remote_write_histogram(one.seconds, unix_ms, reset));
  last = {one.seconds.count(), one.created_unix_ms, unix_ms, round_, round_, false};
}

/// What is there no more. It is forgotten when the round was taken.
void histogram_encoder::end_missing(std::vector<request>& requests, std::int64_t unix_ms) {
  for (auto& [labels, last] : sent_) {
    if (last.seen != round_ && !last.ended) {
      add(requests, labels, remote_write_stale_histogram(unix_ms));
      last.written = round_;
      last.ended = true;
    }
  }
}

std::vector<histogram_encoder::request>
histogram_encoder::begin_round(const std::vector<histogram_series>& all, std::int64_t unix_ms) {
  ++round_;
  std::vector<request> requests;
  for (const auto& one : all) {
    auto labels = labels_of(one.subject);
    if (labels.empty()) {
      continue;
    }
    const auto [known, fresh] = sent_.try_emplace(std::move(labels));
    add_known(requests, known, one, fresh, unix_ms);
  }
  end_missing(requests, unix_ms);
  return requests;
}

void histogram_encoder::end_round(bool taken) {
  if (taken) {
    std::erase_if(sent_, [this](const auto& item) {
      return item.second.ended && item.second.seen != round_;
    });
    return;
  }
  for (auto& [labels, last] : sent_) {
    if (last.written == round_) {
      last.unix_ms = 0; // a reset was told all the same, if the answer alone was lost
      last.ended = false;
    }
  }
}

} // namespace xprober
