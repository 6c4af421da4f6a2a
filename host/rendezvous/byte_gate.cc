#include "host/rendezvous/byte_gate.h"

#include <algorithm>
#include <cstring>

namespace swarmcast::rendezvous {
namespace {

struct Gate {
  GObject parent;
  size_t budget;
};
struct GateClass {
  GObjectClass parent;
};

// Copies what there is, as far as the budget goes.
GConverterResult convert(GConverter* converter, const void* in, gsize in_size, void* out,
                         gsize out_size, GConverterFlags flags, gsize* read, gsize* written,
                         GError** error) {
  auto* gate = reinterpret_cast<Gate*>(converter);
  const gsize n = std::min(in_size, out_size);
  if (n > gate->budget) {
    g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE, "too much");
    return G_CONVERTER_ERROR;
  }
  gate->budget -= n;
  std::memcpy(out, in, n);
  *read = *written = n;
  const bool at_end = (flags & G_CONVERTER_INPUT_AT_END) != 0 && n == in_size;
  if (n > 0) return at_end ? G_CONVERTER_FINISHED : G_CONVERTER_CONVERTED;
  if (at_end) return G_CONVERTER_FINISHED;
  g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT, "nothing yet");
  return G_CONVERTER_ERROR;
}

void reset(GConverter*) {}

void init_converter(gpointer interface, gpointer) {
  auto* converter = static_cast<GConverterIface*>(interface);
  converter->convert = convert;
  converter->reset = reset;
}

GType gate_type() {
  static const GType type = [] {
    const GTypeInfo info{.class_size = sizeof(GateClass), .instance_size = sizeof(Gate)};
    const GType out = g_type_register_static(G_TYPE_OBJECT, "SwarmcastByteGate", &info,
                                             static_cast<GTypeFlags>(0));
    const GInterfaceInfo converter{.interface_init = init_converter};
    g_type_add_interface_static(out, G_TYPE_CONVERTER, &converter);
    return out;
  }();
  return type;
}

// A pair of streams whose closing needs no thread: GLib's own would start one for each.
struct GatedStream {
  GIOStream parent;
  GInputStream* input;
  GOutputStream* output;
};
struct GatedStreamClass {
  GIOStreamClass parent;
};

GInputStream* input_of(GIOStream* stream) { return reinterpret_cast<GatedStream*>(stream)->input; }
GOutputStream* output_of(GIOStream* stream) {
  return reinterpret_cast<GatedStream*>(stream)->output;
}

void close_at_once(GIOStream* stream, int, GCancellable* cancellable, GAsyncReadyCallback done,
                   gpointer data) {
  const GObjectPtr<GTask> task(g_task_new(stream, cancellable, done, data));
  G_IO_STREAM_GET_CLASS(stream)->close_fn(stream, nullptr, nullptr);
  g_task_return_boolean(task.get(), TRUE);
}

gboolean finish_closing(GIOStream*, GAsyncResult* result, GError** error) {
  return g_task_propagate_boolean(G_TASK(result), error);
}

void finalize_stream(GObject* object) {
  auto* stream = reinterpret_cast<GatedStream*>(object);
  g_object_unref(stream->input);
  g_object_unref(stream->output);
  G_OBJECT_CLASS(g_type_class_peek(G_TYPE_IO_STREAM))->finalize(object);
}

void init_stream_class(gpointer type_class, gpointer) {
  G_OBJECT_CLASS(type_class)->finalize = finalize_stream;
  GIOStreamClass* stream = G_IO_STREAM_CLASS(type_class);
  stream->get_input_stream = input_of;
  stream->get_output_stream = output_of;
  stream->close_async = close_at_once;
  stream->close_finish = finish_closing;
}

GType gated_stream_type() {
  static const GType type = [] {
    const GTypeInfo info{.class_size = sizeof(GatedStreamClass),
                         .class_init = init_stream_class,
                         .instance_size = sizeof(GatedStream)};
    return g_type_register_static(G_TYPE_IO_STREAM, "SwarmcastGatedStream", &info,
                                  static_cast<GTypeFlags>(0));
  }();
  return type;
}

}  // namespace

ByteGate::ByteGate(GIOStream* stream, size_t budget)
    : gate_(static_cast<GConverter*>(g_object_new(gate_type(), nullptr))) {
  refill(budget);
  auto* gated = static_cast<GatedStream*>(g_object_new(gated_stream_type(), nullptr));
  gated->input = g_converter_input_stream_new(g_io_stream_get_input_stream(stream), gate_.get());
  gated->output = share(g_io_stream_get_output_stream(stream)).release();
  gated_.reset(&gated->parent);
}

void ByteGate::refill(size_t budget) { reinterpret_cast<Gate*>(gate_.get())->budget = budget; }

}  // namespace swarmcast::rendezvous
