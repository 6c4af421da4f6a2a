// The web app as a gateway serves it: files in the program's own memory, the same for everybody.
#pragma once

#include <span>
#include <string_view>

namespace swarmcast::rendezvous {

struct WebFile {
  std::string_view path;   // as in a request: "/" for the page, "/assets/x.js"
  std::string_view type;   // MIME
  bool gzip = false;       // `bytes` are compressed, which no browser minds
  bool immutable = false;  // another content would have another path
  std::string_view bytes;
};

// Views of constants. No files: the gateway has a page of text only.
struct WebBundle {
  std::string_view policy;  // Content-Security-Policy
  std::span<const WebFile> files;
};

}  // namespace swarmcast::rendezvous
