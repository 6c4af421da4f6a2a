#include "host/media/av1_encoder.h"

#include <aom/aom_encoder.h>
#include <aom/aomcx.h>

namespace swarmcast::media {
namespace {

constexpr int kSpeed = 10;             // the fastest: 4 ms a picture of 640x360
constexpr int kMaxIntraPercent = 300;  // of a picture's share; more makes key frames of 80 kB
constexpr unsigned kMinQuantizer = 10, kCoarseQuantizer = 56, kMaxQuantizer = 63;
constexpr int kT0Slot = 0, kT1Slot = 1;  // of the reference pictures
constexpr int kLast = 0, kGolden = 3;    // names of references

// Tools that cost more time than they gain at this speed.
constexpr int kOff[] = {AV1E_SET_ENABLE_ORDER_HINT,    AV1E_SET_ENABLE_TPL_MODEL,
                        AV1E_SET_DELTAQ_MODE,          AV1E_SET_ENABLE_PALETTE,
                        AV1E_SET_ENABLE_OBMC,          AV1E_SET_ENABLE_GLOBAL_MOTION,
                        AV1E_SET_ENABLE_WARPED_MOTION, AV1E_SET_TILE_COLUMNS};

}  // namespace

struct Av1Encoder::Library {
  aom_codec_ctx_t codec{};
  aom_codec_enc_cfg_t config{};
  aom_image_t image{};
  bool open = false;
  ~Library() {
    if (open) aom_codec_destroy(&codec);
  }
};

Av1Encoder::Av1Encoder(const Options& options)
    : SvcEncoder(options), library_(std::make_unique<Library>()) {}
Av1Encoder::~Av1Encoder() = default;

std::unique_ptr<Av1Encoder> Av1Encoder::create(const Options& options) {
  std::unique_ptr<Av1Encoder> encoder(new Av1Encoder(options));
  return encoder->open() ? std::move(encoder) : nullptr;
}

bool Av1Encoder::open() {
  aom_codec_enc_cfg_t& c = library_->config;
  if (aom_codec_enc_config_default(aom_codec_av1_cx(), &c, AOM_USAGE_REALTIME) != AOM_CODEC_OK)
    return false;
  c.g_w = static_cast<unsigned>(options().width);
  c.g_h = static_cast<unsigned>(options().height);
  c.g_timebase = {1, 1'000'000};
  c.g_threads = 1;
  c.g_lag_in_frames = 0;
  c.g_error_resilient = 0;
  c.kf_mode = AOM_KF_DISABLED;
  c.rc_end_usage = AOM_CBR;
  c.rc_dropframe_thresh = 0;
  c.rc_resize_mode = 0;
  c.rc_undershoot_pct = 50;
  c.rc_overshoot_pct = 50;
  c.rc_buf_initial_sz = 500;  // milliseconds
  c.rc_buf_optimal_sz = 600;
  c.rc_buf_sz = 1000;
  c.rc_target_bitrate = static_cast<unsigned>(options().bitrate_kbps);
  c.rc_min_quantizer = kMinQuantizer;
  c.rc_max_quantizer = kMaxQuantizer;
  aom_codec_ctx_t* const codec = &library_->codec;
  if (aom_codec_enc_init(codec, aom_codec_av1_cx(), &c, 0) != AOM_CODEC_OK) return false;
  library_->open = true;
  aom_codec_control(codec, AOME_SET_CPUUSED, kSpeed);
  aom_codec_control(codec, AV1E_SET_AQ_MODE, 3);
  aom_codec_control(codec, AV1E_SET_CDF_UPDATE_MODE, 1);
  aom_codec_control(codec, AOME_SET_MAX_INTRA_BITRATE_PCT, kMaxIntraPercent);
  for (const int control : kOff) aom_codec_control(codec, control, 0);
  configure();
  return aom_img_wrap(&library_->image, AOM_IMG_FMT_I420, c.g_w, c.g_h, 1,
                      reinterpret_cast<uint8_t*>(library_.get())) != nullptr;
}

void Av1Encoder::configure() {
  aom_codec_enc_cfg_t& c = library_->config;
  c.rc_target_bitrate = static_cast<unsigned>(options().bitrate_kbps);
  c.rc_min_quantizer = coarse() ? kCoarseQuantizer : kMinQuantizer;
  aom_codec_enc_config_set(&library_->codec, &c);
  aom_svc_params_t svc{};
  svc.number_spatial_layers = 1;
  svc.number_temporal_layers = kLayers;
  svc.scaling_factor_num[0] = svc.scaling_factor_den[0] = 1;
  for (int i = 0; i < kLayers; ++i) {
    svc.min_quantizers[i] = static_cast<int>(c.rc_min_quantizer);
    svc.max_quantizers[i] = static_cast<int>(c.rc_max_quantizer);
    svc.layer_target_bitrate[i] = layer_kbps(i);
    svc.framerate_factor[i] = 4 >> i;
  }
  aom_codec_control(&library_->codec, AV1E_SET_SVC_PARAMS, &svc);
}

void Av1Encoder::set_layer(const Task& task) {
  aom_svc_layer_id_t layer{};
  layer.temporal_layer_id = task.temporal_id();
  aom_codec_control(&library_->codec, AV1E_SET_SVC_LAYER_ID, &layer);
  aom_svc_ref_frame_config_t references{};
  references.reference[kLast] = 1;
  const bool after_t1 = task.position == kMiniGop - 1 && !task.key;
  if (after_t1) {
    references.ref_idx[kLast] = kT1Slot;
    references.reference[kGolden] = 1;
    references.ref_idx[kGolden] = kT0Slot;
  }
  if (task.temporal_id() == 0) references.refresh[kT0Slot] = 1;
  if (task.temporal_id() == 1) references.refresh[kT1Slot] = 1;
  aom_codec_control(&library_->codec, AV1E_SET_SVC_REF_FRAME_CONFIG, &references);
}

bool Av1Encoder::encode_once(const PictureView& picture, int64_t captured_us, const Task& task,
                             std::vector<uint8_t>& unit) {
  aom_image_t& image = library_->image;
  for (size_t i = 0; i < 3; ++i) {
    image.planes[i] = const_cast<uint8_t*>(picture.plane[i]);  // only read
    image.stride[i] = picture.stride[i];
  }
  set_layer(task);
  aom_codec_ctx_t* const codec = &library_->codec;
  const aom_enc_frame_flags_t flags = task.key ? AOM_EFLAG_FORCE_KF : 0;
  const auto duration = static_cast<unsigned long>(1'000'000 / options().fps);
  if (aom_codec_encode(codec, &image, captured_us, duration, flags) != AOM_CODEC_OK) return false;
  unit.clear();
  aom_codec_iter_t more = nullptr;
  while (const aom_codec_cx_pkt_t* packet = aom_codec_get_cx_data(codec, &more)) {
    if (packet->kind != AOM_CODEC_CX_FRAME_PKT) continue;
    const auto* const data = static_cast<const uint8_t*>(packet->data.frame.buf);
    unit.insert(unit.end(), data, data + packet->data.frame.sz);
  }
  return true;
}

}  // namespace swarmcast::media
