// A look at a Wayland compositor before SDL meets it.
#pragma once

namespace swarmcast::window {

// Whether the compositor that WAYLAND_DISPLAY names has a seat: a keyboard, a mouse, somebody in
// front of it. SDL (as packaged, 2.26) crashes where there is none, as on a compositor without a
// screen. False too if there is no compositor, or it is silent for a second.
bool wayland_has_seat();

// The same of the compositor at the other end of a socket.
bool has_seat(int socket);

}  // namespace swarmcast::window
