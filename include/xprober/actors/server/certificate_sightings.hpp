#pragma once

#include <vector>

#include "xprober/domain/targets/target_labels.hpp"
#include "xprober/store/certificates.hpp"
#include "xprober/store/chain_page.hpp"
#include "xprober/verdict/certificate.hpp"

namespace xprober {

/// What incidents are made of: the ends that the store has seen, and, where `chains` knows it,
/// which certificate of the chain it is that ends then; with their target's region and `labels`.
/// `chains` and `labels` may be null.
std::vector<certificate_sighting> certificate_sightings(const std::vector<seen_certificate>& seen,
                                                        const chain_page* chains,
                                                        const target_labels* labels);

} // namespace xprober
