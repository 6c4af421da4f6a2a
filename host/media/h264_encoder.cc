#include "host/media/h264_encoder.h"

#include <wels/codec_api.h>

#include <algorithm>

namespace swarmcast::media {
namespace {

constexpr int kMiniGop = 4;           // fixed by OpenH264 for three temporal layers
constexpr double kKeyInterval = 2.4;  // seconds

unsigned int key_interval(int fps) {
  const int mini_gops = static_cast<int>(kKeyInterval * fps / kMiniGop);
  return static_cast<unsigned>(std::max(1, mini_gops) * kMiniGop);
}

void fill(SEncParamExt& p, const H264Encoder::Options& options) {
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
  p.uiIntraPeriod = key_interval(options.fps);
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

std::unique_ptr<H264Encoder> H264Encoder::create(const Options& options) {
  ISVCEncoder* encoder = nullptr;
  if (WelsCreateSVCEncoder(&encoder) != 0 || !encoder) return nullptr;
  int quiet = WELS_LOG_QUIET;
  encoder->SetOption(ENCODER_OPTION_TRACE_LEVEL, &quiet);
  SEncParamExt params;
  encoder->GetDefaultParams(&params);
  fill(params, options);
  if (encoder->InitializeExt(&params) != cmResultSuccess) {
    WelsDestroySVCEncoder(encoder);
    return nullptr;
  }
  return std::unique_ptr<H264Encoder>(new H264Encoder(encoder, options));
}

H264Encoder::H264Encoder(ISVCEncoder* encoder, const Options& options)
    : encoder_(encoder), options_(options) {}

H264Encoder::~H264Encoder() {
  encoder_->Uninitialize();
  WelsDestroySVCEncoder(encoder_);
}

void H264Encoder::set_bitrate(int kbps) {
  SBitrateInfo info{SPATIAL_LAYER_ALL, kbps * 1000};
  encoder_->SetOption(ENCODER_OPTION_BITRATE, &info);
}

std::optional<EncodedUnit> H264Encoder::encode(const PictureView& picture, int64_t captured_us,
                                               bool force_key) {
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
  uint8_t temporal_id = 0;
  for (int i = 0; i < out.iLayerNum; ++i) {
    const SLayerBSInfo& layer = out.sLayerInfo[i];
    if (layer.uiLayerType == VIDEO_CODING_LAYER) temporal_id = layer.uiTemporalId;
    int size = 0;
    for (int n = 0; n < layer.iNalCount; ++n) size += layer.pNalLengthInByte[n];
    unit_.insert(unit_.end(), layer.pBsBuf, layer.pBsBuf + size);
  }
  if (unit_.empty()) return std::nullopt;
  EncodedUnit unit = describe(out.eFrameType == videoFrameTypeIDR, temporal_id);
  unit.payload = unit_;
  unit.captured_us = captured_us;
  return unit;
}

// T0 refers to the T0 before it, T1 to the T0 of its chunk, T2 to the nearest of these two.
EncodedUnit H264Encoder::describe(bool key, uint8_t temporal_id) {
  EncodedUnit unit;
  unit.key = key;
  unit.temporal_id = temporal_id;
  if (!key) {
    const int64_t reference = temporal_id == 2 ? std::max(last_t0_, last_t1_) : last_t0_;
    unit.depends_on = static_cast<uint8_t>(number_ - reference);
  }
  if (temporal_id == 0) {
    last_t0_ = number_;
    last_t1_ = -1;
  } else if (temporal_id == 1) {
    last_t1_ = number_;
  }
  unit.index_in_chunk = static_cast<uint8_t>(number_ - last_t0_);
  ++number_;
  return unit;
}

}  // namespace swarmcast::media
