// The system's cairo, for pictures as PNG. It is opened when the first is drawn: linked, it would load a dozen
// libraries at every start.
#ifndef QREPL_CCAIRO_H
#define QREPL_CCAIRO_H

#include <cairo/cairo.h>
#include <dlfcn.h>

#define QCAIRO_FUNCTIONS(F) \
  F(image_surface_create) F(image_surface_create_for_data) F(surface_status) F(surface_destroy) F(surface_write_to_png_stream) \
  F(create) F(destroy) F(status) F(status_to_string) F(scale) F(translate) F(rotate) F(save) F(restore) \
  F(set_source_rgba) F(set_source_surface) F(get_source) F(pattern_set_filter) F(paint) \
  F(new_path) F(new_sub_path) F(move_to) F(line_to) F(close_path) F(rectangle) F(arc) F(clip) F(fill) F(fill_preserve) F(stroke) \
  F(set_line_width) F(set_line_join) F(set_line_cap) \
  F(select_font_face) F(set_font_size) F(text_extents) F(show_text)

struct qcairo {
#define F(name) __typeof__(&cairo_##name) name;
  QCAIRO_FUNCTIONS(F)
#undef F
};

// Opens the library; what hinders it, or NULL.
static inline const char *qcairo_open(struct qcairo *cairo) {
  void *library = dlopen("libcairo.so.2", RTLD_NOW | RTLD_LOCAL);
  if (!library) return dlerror();
#define F(name) \
  if (!(cairo->name = (__typeof__(&cairo_##name))dlsym(library, "cairo_" #name))) return dlerror();
  QCAIRO_FUNCTIONS(F)
#undef F
  return 0;
}

#endif
