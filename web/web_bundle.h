// The web app that this program was built with (web/tools/embed.mjs writes the constants).
#pragma once

#include "host/rendezvous/web_bundle.h"

namespace swarmcast {

// Empty in a build without it (-DSWARMCAST_WEB=OFF).
const rendezvous::WebBundle& web_bundle();

}  // namespace swarmcast
