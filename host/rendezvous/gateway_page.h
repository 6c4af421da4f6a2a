// What the gateway says to a browser.
#pragma once

#include <libsoup/soup.h>

#include <string_view>

#include "host/rendezvous/web_bundle.h"

namespace swarmcast::rendezvous {

// On every answer: nothing is stored, framed, guessed or told to others.
void set_strict_headers(SoupMessageHeaders* headers);

// Null if there is none at that path. The result lives as long as the bundle's files.
const WebFile* find_file(const WebBundle& web, std::string_view path);
void answer_with_file(SoupServerMessage* message, const WebBundle& web, const WebFile& file);
// The page at "/" where there is no web app: static, the same for everybody.
void answer_with_text_page(SoupServerMessage* message);
void answer_not_found(SoupServerMessage* message);

}  // namespace swarmcast::rendezvous
