// What Input says when something cannot be opened.
#include <cerrno>

#include "host/media/input.h"

namespace swarmcast::media {

std::string Input::explain(int error) const {
  const bool standard_input = options_.input == "-";
  const std::string reason = " (" + av_error_text(error) + ").";
  if (standard_input && (!fd_ || !fd_->got_anything()))
    return std::string("Nothing came in on standard input. ") + kInputStdinHint;
  if (error == AVERROR(ENOENT))
    return "There is no " + (live_device_ ? "camera " + options_.input : name_) +
           ". Check the name, or use --input test for the built-in picture.";
  if (error == AVERROR(EACCES) || error == AVERROR(EPERM))
    return name_ + " may not be read" + reason +
           (live_device_ ? " Add yourself to the group \"video\" and log in again."
                         : " Check its permissions.");
  if (error == AVERROR(EBUSY))
    return name_ + " is in use. Close the other program that shows the camera, then try again.";
  if (live_device_)
    return name_ + " does not work" + reason +
           " Plug it in again, or use --input test for the built-in picture.";
  if (error == AVERROR(EISDIR)) return name_ + " is a folder. Give a video file.";
  if (error == AVERROR(ENODATA) && !address_)
    return name_ + " is empty. Check that it was written to its end.";
  if (address_) return explain_address(error);
  return name_ + " is not a video that FFmpeg understands" + reason + " " +
         (standard_input ? kInputStdinHint : "Check that the file is whole, or convert it.");
}

std::string Input::explain_address(int error) const {
  const std::string reason = " (" + av_error_text(error) + ").";
  if (error == AVERROR_PROTOCOL_NOT_FOUND)
    return name_ + ": FFmpeg here does not know addresses that begin with " + address_->scheme +
           "://. Among those it knows: srt, rtmp, rtsp, http, https, udp, rtp, tcp.";
  if (address_->listens && (error == AVERROR(EIO) || error == AVERROR(ETIMEDOUT)))
    return "Somebody connected to " + name_ + " but sent no stream.";
  // libsrt's own reasons do not get through FFmpeg.
  const bool mute_srt = address_->scheme == "srt" && error == AVERROR(EIO);
  if (mute_srt && !address_->listens)
    return name_ +
           " does not answer, or wants another passphrase. Check the address, the passphrase and "
           "the network.";
  if (error == AVERROR_EXIT && !address_->listens)
    return name_ + " does not answer. Check the address and the network.";
  if (error == AVERROR_HTTP_NOT_FOUND)
    return name_ + " has nothing by that name (404). Check what follows the machine's name.";
  if (error == AVERROR_HTTP_UNAUTHORIZED || error == AVERROR_HTTP_FORBIDDEN)
    return name_ + " does not let us in" + reason + " If you have a name and a password, write " +
           address_->scheme + "://NAME:PASSWORD@...";
  if (error == AVERROR_EOF)
    return name_ +
           " closed the connection before it sent a picture. Check the address: perhaps something "
           "else runs at that port.";
  if (error == AVERROR(EIO) && (address_->scheme == "https" || address_->scheme == "rtmps"))
    return name_ + " does not speak TLS. Check the port, or try " +
           address_->scheme.substr(0, address_->scheme.size() - 1) + "://";
  if (error == AVERROR(ECONNREFUSED))
    return name_ + " refuses the connection: nothing runs at that port. Start the sender first.";
  if (error == AVERROR_INVALIDDATA)
    return "What came from " + name_ + " is not a video that FFmpeg understands.";
  return name_ + " could not be opened" + reason + " Check the address and the network.";
}

}  // namespace swarmcast::media
