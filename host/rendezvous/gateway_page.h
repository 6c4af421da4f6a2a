// What the gateway says to a browser.
#pragma once

#include <libsoup/soup.h>

namespace swarmcast::rendezvous {

// On every answer: nothing is stored, framed, guessed or told to others.
void set_strict_headers(SoupMessageHeaders* headers);

// The page at "/": static, the same for everybody.
void answer_with_page(SoupServerMessage* message);
void answer_not_found(SoupServerMessage* message);

}  // namespace swarmcast::rendezvous
