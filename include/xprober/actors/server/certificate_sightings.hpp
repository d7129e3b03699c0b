#pragma once

#include <vector>

#include "xprober/store/certificates.hpp"
#include "xprober/store/chain_page.hpp"
#include "xprober/verdict/certificate.hpp"

namespace xprober {

/// What incidents are made of: the ends that the store has seen, and, where `chains` knows it,
/// which certificate of the chain it is that ends then. `chains` may be null.
std::vector<certificate_sighting> certificate_sightings(const std::vector<seen_certificate>& seen,
                                                        const chain_page* chains);

} // namespace xprober
