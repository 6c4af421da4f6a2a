#include "host/media/h264_encoder.h"

#include <wels/codec_api.h>

#include <algorithm>
#include <iterator>

#include "engine/base/limits.h"

namespace swarmcast::media {
namespace {

static_assert(kMiniGop == 4, "fixed by OpenH264 for three temporal layers");

// Floors of the quantiser. OpenH264 guesses it for a first picture and after a cut, and guesses
// far too low for noise (static, rain, confetti): a picture then takes seconds of the bitrate, or
// overflows the encoder's buffer, after which it gives nothing any more.
constexpr int kQuantiserFloors[] = {0, 36, 42, 48, 51};
constexpr int kMaxQuantiser = 51;
constexpr int kCoarseSeconds = 5;  // before a lower floor is tried again

void fill(SEncParamExt& p, const VideoEncoder::Options& options) {
  p.iUsageType = CAMERA_VIDEO_REAL_TIME;
  p.iPicWidth = options.width;
  p.iPicHeight = options.height;
  p.fMaxFrameRate = static_cast<float>(options.fps);
  p.iTargetBitrate = options.bitrate_kbps * 1000;
  p.iMaxBitrate = UNSPECIFIED_BIT_RATE;
  p.iRCMode = RC_BITRATE_MODE;
  p.bEnableFrameSkip = false;
  p.iTemporalLayerNum = 3;
  p.iSpatialLayerNum = 1;
  p.uiIntraPeriod = static_cast<unsigned>(key_interval(options.fps));
  p.eSpsPpsIdStrategy = CONSTANT_ID;
  p.bPrefixNalAddingCtrl = false;
  p.bEnableSSEI = false;
  p.iComplexityMode = LOW_COMPLEXITY;
  p.iMultipleThreadIdc = 1;
  p.iEntropyCodingModeFlag = 0;  // CAVLC: constrained baseline, which every browser decodes
  p.bEnableSceneChangeDetect = false;
  p.bEnableDenoise = false;
  p.bEnableLongTermReference = false;

  SSpatialLayerConfig& layer = p.sSpatialLayers[0];
  layer.iVideoWidth = p.iPicWidth;
  layer.iVideoHeight = p.iPicHeight;
  layer.fFrameRate = p.fMaxFrameRate;
  layer.iSpatialBitrate = p.iTargetBitrate;
  layer.iMaxSpatialBitrate = UNSPECIFIED_BIT_RATE;
  layer.sSliceArgument.uiSliceMode = SM_SINGLE_SLICE;
}

}  // namespace

void H264Encoder::EncoderDeleter::operator()(ISVCEncoder* encoder) const {
  encoder->Uninitialize();
  WelsDestroySVCEncoder(encoder);
}

std::unique_ptr<H264Encoder> H264Encoder::create(const Options& options) {
  std::unique_ptr<H264Encoder> encoder(new H264Encoder(options));
  return encoder->open(0) ? std::move(encoder) : nullptr;
}

H264Encoder::~H264Encoder() = default;

bool H264Encoder::open(size_t coarseness) {
  encoder_.reset();
  ISVCEncoder* raw = nullptr;
  if (WelsCreateSVCEncoder(&raw) != 0 || !raw) return false;
  encoder_.reset(raw);
  int quiet = WELS_LOG_QUIET;
  raw->SetOption(ENCODER_OPTION_TRACE_LEVEL, &quiet);
  SEncParamExt params;
  raw->GetDefaultParams(&params);
  fill(params, options_);
  params.iMinQp = kQuantiserFloors[coarseness];
  params.iMaxQp = kMaxQuantiser;
  coarseness_ = coarseness;
  coarse_since_ = layers_.number();
  if (raw->InitializeExt(&params) == cmResultSuccess) return true;
  encoder_.reset();
  return false;
}

void H264Encoder::set_bitrate(int kbps) {
  options_.bitrate_kbps = kbps;
  SBitrateInfo info{SPATIAL_LAYER_ALL, kbps * 1000};
  if (encoder_) encoder_->SetOption(ENCODER_OPTION_BITRATE, &info);
}

std::optional<H264Encoder::Coded> H264Encoder::encode_once(const PictureView& picture,
                                                           int64_t captured_us, bool force_key) {
  SSourcePicture source{};
  source.iColorFormat = videoFormatI420;
  source.iPicWidth = options_.width;
  source.iPicHeight = options_.height;
  source.uiTimeStamp = captured_us / 1000;
  for (size_t i = 0; i < 3; ++i) {
    source.pData[i] = const_cast<uint8_t*>(picture.plane[i]);  // only read
    source.iStride[i] = picture.stride[i];
  }
  if (force_key) encoder_->ForceIntraFrame(true);
  SFrameBSInfo out{};
  if (encoder_->EncodeFrame(&source, &out) != cmResultSuccess) return std::nullopt;
  if (out.eFrameType == videoFrameTypeSkip || out.eFrameType == videoFrameTypeInvalid)
    return std::nullopt;
  unit_.clear();
  Coded coded{out.eFrameType == videoFrameTypeIDR, 0};
  for (int i = 0; i < out.iLayerNum; ++i) {
    const SLayerBSInfo& layer = out.sLayerInfo[i];
    if (layer.uiLayerType == VIDEO_CODING_LAYER) coded.temporal_id = layer.uiTemporalId;
    int size = 0;
    for (int n = 0; n < layer.iNalCount; ++n) size += layer.pNalLengthInByte[n];
    unit_.insert(unit_.end(), layer.pBsBuf, layer.pBsBuf + size);
  }
  return unit_.empty() ? std::nullopt : std::optional(coded);
}

// Coarser coding starts over with a key frame; finer coding is tried again at the end of a chunk.
std::optional<H264Encoder::Coded> H264Encoder::encode_within_limit(const PictureView& picture,
                                                                   int64_t captured_us,
                                                                   bool force_key) {
  const bool coarse_for_long =
      coarseness_ > 0 && layers_.number() - coarse_since_ >= int64_t{kCoarseSeconds} * options_.fps;
  if (coarse_for_long && layers_.since_t0() >= kMiniGop) open(coarseness_ - 1);
  for (;;) {
    if (!encoder_ && !open(coarseness_)) return std::nullopt;
    const auto coded = encode_once(picture, captured_us, force_key);
    if (coded && unit_.size() <= unit_limit(options_.bitrate_kbps)) return coded;
    const bool coarsest = coarseness_ + 1 == std::size(kQuantiserFloors);
    if (coarsest && coded && unit_.size() <= kMaxFrameSize) return coded;
    if (coarsest) {
      encoder_.reset();  // what it refers to was never sent
      return std::nullopt;
    }
    if (!open(coarseness_ + 1)) return std::nullopt;
  }
}

std::optional<EncodedUnit> H264Encoder::encode(const PictureView& picture, int64_t captured_us,
                                               bool force_key) {
  const auto coded = encode_within_limit(picture, captured_us, force_key);
  if (!coded) return std::nullopt;
  EncodedUnit unit = layers_.next(coded->key, coded->temporal_id);
  unit.payload = unit_;
  unit.captured_us = captured_us;
  return unit;
}

}  // namespace swarmcast::media
