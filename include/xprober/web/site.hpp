#pragma once

#include <cstdint>
#include <span>
#include <string_view>

// The pages of the folder web/, as the build has bundled and embedded them
// (cmake/embed_site.cmake).
namespace xprober::web {

/// Whose pages. Both have the same script, and a document each.
enum class site_role : std::uint8_t { server, agent };

/// A file that pages load.
struct site_file {
  std::string_view name;   ///< below `/assets/`, with a hash of its content
  std::string_view type;   ///< its Content-Type
  std::string_view plain;  ///< its content
  std::string_view gzip;   ///< the same as one member of gzip; empty: it would not be smaller
  std::string_view brotli; ///< the same in brotli (RFC 7932); empty: it would not be smaller
};

/// All of them; none where the build could not bundle the pages.
std::span<const site_file> site_files() noexcept;

/// The document that every page of a role is; a plain one where the build could not bundle the
/// pages.
std::string_view site_page(site_role role) noexcept;

/// Documents that load nothing: they are for who is let in nowhere else.
enum class apart_page : std::uint8_t { sign_in, error };

/// One of them, which `fill_document` fills: `sign_in` has @TO@ and @PROBLEM@; `error` @TITLE@,
/// @SENTENCE@, @STATUS@ and @WAY_OUT@.
std::string_view apart_document(apart_page page) noexcept;

/// What their Content-Security-Policy says of styles: the hash of the one that both have, `'none'`
/// where the build could not bundle the pages.
std::string_view apart_style() noexcept;

} // namespace xprober::web
