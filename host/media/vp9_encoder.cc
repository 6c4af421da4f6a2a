#include "host/media/vp9_encoder.h"

#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>

namespace swarmcast::media {
namespace {

constexpr int kSpeed = 9;  // the fastest: half a decibel better than OpenH264 at twice its time
constexpr int kMaxIntraPercent = 300;  // of a picture's share of the bitrate
constexpr unsigned kMinQuantizer = 2, kCoarseQuantizer = 56, kMaxQuantizer = 63;

// By position in the mini-GOP. LAST holds the latest T0, GOLDEN the T1 of this one.
constexpr vpx_enc_frame_flags_t kKeepAll =
    VP8_EFLAG_NO_UPD_LAST | VP8_EFLAG_NO_UPD_GF | VP8_EFLAG_NO_UPD_ARF;
constexpr vpx_enc_frame_flags_t kFlags[kMiniGop] = {
    VP8_EFLAG_NO_REF_GF | VP8_EFLAG_NO_REF_ARF | VP8_EFLAG_NO_UPD_GF | VP8_EFLAG_NO_UPD_ARF,
    VP8_EFLAG_NO_REF_GF | VP8_EFLAG_NO_REF_ARF | kKeepAll,
    VP8_EFLAG_NO_REF_GF | VP8_EFLAG_NO_REF_ARF | VP8_EFLAG_NO_UPD_LAST | VP8_EFLAG_NO_UPD_ARF,
    VP8_EFLAG_NO_REF_ARF | kKeepAll};

}  // namespace

struct Vp9Encoder::Library {
  vpx_codec_ctx_t codec{};
  vpx_codec_enc_cfg_t config{};
  vpx_image_t image{};
  bool open = false;
  ~Library() {
    if (open) vpx_codec_destroy(&codec);
  }
};

Vp9Encoder::Vp9Encoder(const Options& options)
    : SvcEncoder(options), library_(std::make_unique<Library>()) {}
Vp9Encoder::~Vp9Encoder() = default;

std::unique_ptr<Vp9Encoder> Vp9Encoder::create(const Options& options) {
  std::unique_ptr<Vp9Encoder> encoder(new Vp9Encoder(options));
  return encoder->open() ? std::move(encoder) : nullptr;
}

bool Vp9Encoder::open() {
  vpx_codec_enc_cfg_t& c = library_->config;
  if (vpx_codec_enc_config_default(vpx_codec_vp9_cx(), &c, 0) != VPX_CODEC_OK) return false;
  c.g_w = static_cast<unsigned>(options().width);
  c.g_h = static_cast<unsigned>(options().height);
  c.g_timebase = {1, 1'000'000};
  c.g_threads = 1;
  c.g_lag_in_frames = 0;
  c.g_error_resilient = VPX_ERROR_RESILIENT_DEFAULT;  // no state from pictures that may be dropped
  c.kf_mode = VPX_KF_DISABLED;
  c.rc_end_usage = VPX_CBR;
  c.rc_dropframe_thresh = 0;
  c.rc_resize_allowed = 0;
  c.rc_undershoot_pct = 50;
  c.rc_overshoot_pct = 50;
  c.rc_buf_initial_sz = 500;  // milliseconds
  c.rc_buf_optimal_sz = 600;
  c.rc_buf_sz = 1000;
  c.ss_number_layers = 1;
  c.ts_number_layers = kLayers;
  c.ts_periodicity = kMiniGop;
  c.temporal_layering_mode = VP9E_TEMPORAL_LAYERING_MODE_BYPASS;  // as our flags say
  for (int i = 0; i < kMiniGop; ++i) c.ts_layer_id[i] = Task{.position = i}.temporal_id();
  for (int i = 0; i < kLayers; ++i) c.ts_rate_decimator[i] = 4u >> i;
  configure();
  vpx_codec_ctx_t* const codec = &library_->codec;
  if (vpx_codec_enc_init(codec, vpx_codec_vp9_cx(), &c, 0) != VPX_CODEC_OK) return false;
  library_->open = true;
  vpx_codec_control(codec, VP8E_SET_CPUUSED, kSpeed);
  vpx_codec_control(codec, VP9E_SET_SVC, 1);
  vpx_codec_control(codec, VP9E_SET_AQ_MODE, 3);
  vpx_codec_control(codec, VP9E_SET_TILE_COLUMNS, 0);
  vpx_codec_control(codec, VP8E_SET_MAX_INTRA_BITRATE_PCT, kMaxIntraPercent);
  return vpx_img_wrap(&library_->image, VPX_IMG_FMT_I420, c.g_w, c.g_h, 1,
                      reinterpret_cast<uint8_t*>(library_.get())) != nullptr;
}

void Vp9Encoder::configure() {
  vpx_codec_enc_cfg_t& c = library_->config;
  c.rc_target_bitrate = static_cast<unsigned>(options().bitrate_kbps);
  c.ss_target_bitrate[0] = c.rc_target_bitrate;
  for (int i = 0; i < kLayers; ++i)
    c.ts_target_bitrate[i] = c.layer_target_bitrate[i] = static_cast<unsigned>(layer_kbps(i));
  c.rc_min_quantizer = coarse() ? kCoarseQuantizer : kMinQuantizer;
  c.rc_max_quantizer = kMaxQuantizer;
  if (library_->open) vpx_codec_enc_config_set(&library_->codec, &c);
}

bool Vp9Encoder::encode_once(const PictureView& picture, int64_t captured_us, const Task& task,
                             std::vector<uint8_t>& unit) {
  vpx_image_t& image = library_->image;
  for (size_t i = 0; i < 3; ++i) {
    image.planes[i] = const_cast<uint8_t*>(picture.plane[i]);  // only read
    image.stride[i] = picture.stride[i];
  }
  vpx_codec_ctx_t* const codec = &library_->codec;
  vpx_svc_layer_id_t layer{};
  layer.temporal_layer_id = layer.temporal_layer_id_per_spatial[0] = task.temporal_id();
  vpx_codec_control(codec, VP9E_SET_SVC_LAYER_ID, &layer);
  const vpx_enc_frame_flags_t flags = task.key ? VPX_EFLAG_FORCE_KF : kFlags[task.position];
  const auto duration = static_cast<unsigned long>(1'000'000 / options().fps);
  if (vpx_codec_encode(codec, &image, captured_us, duration, flags, VPX_DL_REALTIME) !=
      VPX_CODEC_OK)
    return false;
  unit.clear();
  vpx_codec_iter_t more = nullptr;
  while (const vpx_codec_cx_pkt_t* packet = vpx_codec_get_cx_data(codec, &more)) {
    if (packet->kind != VPX_CODEC_CX_FRAME_PKT) continue;
    const auto* const data = static_cast<const uint8_t*>(packet->data.frame.buf);
    unit.insert(unit.end(), data, data + packet->data.frame.sz);
  }
  return true;
}

}  // namespace swarmcast::media
