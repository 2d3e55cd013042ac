import CCairo

/// Why a picture could not be drawn.
public struct DrawingError: Error, CustomStringConvertible {
  /// What is wrong.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// A picture that cairo draws: lengths in points, `scale` pixels each, from the upper left corner.
final class Canvas {
  /// Red, green, blue and opacity, from 0 to 1.
  struct Color {
    var red, green, blue, alpha: Double
  }

  /// Where a text stands from its point.
  enum Anchor: UInt8 {
    case start, middle, end
  }

  private static let library: Result<qcairo, DrawingError> = {
    var functions = qcairo()
    guard let problem = qcairo_open(&functions) else { return .success(functions) }
    return .failure(DrawingError("cairo, which draws PNG pictures, cannot be opened: \(String(cString: problem)) (Debian: apt-get install libcairo2)"))
  }()

  private static let maximum = 16384.0

  private let cairo: qcairo
  private let surface: OpaquePointer
  private let context: OpaquePointer

  /// A white picture.
  /// - Throws: where cairo is missing or the size is out of its reach.
  init(width: Double, height: Double, scale: Double) throws {
    cairo = try Self.library.get()
    let (columns, rows) = ((width * scale).rounded(), (height * scale).rounded())
    guard columns >= 1, rows >= 1, columns <= Self.maximum, rows <= Self.maximum else {
      throw DrawingError("a picture has from 1 to \(Int(Self.maximum)) pixels a side, not \(columns) x \(rows)")
    }
    guard let surface = cairo.image_surface_create(CAIRO_FORMAT_RGB24, Int32(columns), Int32(rows)) else { throw DrawingError("no memory for a picture") }
    guard let context = cairo.create(surface) else {
      cairo.surface_destroy(surface)
      throw DrawingError("no memory for a picture")
    }
    (self.surface, self.context) = (surface, context)
    cairo.set_source_rgba(context, 1, 1, 1, 1)
    cairo.paint(context)
    cairo.scale(context, scale, scale)
    cairo.set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    cairo.set_line_cap(context, CAIRO_LINE_CAP_ROUND)
  }

  deinit {
    cairo.destroy(context)
    cairo.surface_destroy(surface)
  }

  /// Draws only in a rectangle until `endClip`.
  func clip(x: Double, y: Double, width: Double, height: Double) {
    cairo.save(context)
    cairo.rectangle(context, x, y, width, height)
    cairo.clip(context)
    cairo.new_path(context)
  }

  /// Ends what `clip` began.
  func endClip() { cairo.restore(context) }

  /// Lines through points, filled, drawn, or both.
  func path(_ points: [Double], closed: Bool, fill: Color, stroke: Color, width: Double) {
    guard points.count >= 2 else { return }
    cairo.new_path(context)
    cairo.move_to(context, points[0], points[1])
    for i in stride(from: 2, to: points.count - 1, by: 2) { cairo.line_to(context, points[i], points[i + 1]) }
    if closed { cairo.close_path(context) }
    if fill.alpha > 0 {
      use(fill)
      if stroke.alpha > 0 { cairo.fill_preserve(context) } else { cairo.fill(context) }
    }
    if stroke.alpha > 0 {
      use(stroke)
      cairo.set_line_width(context, width)
      cairo.stroke(context)
    }
    cairo.new_path(context)
  }

  /// Discs around points.
  func dots(_ points: [Double], radius: Double, fill: Color) {
    use(fill)
    for i in stride(from: 0, to: points.count - 1, by: 2) {
      cairo.new_sub_path(context)
      cairo.arc(context, points[i], points[i + 1], radius, 0, 2 * .pi)
      // One by one, so that overlapping discs darken as they do in SVG.
      cairo.fill(context)
    }
  }

  /// A line of text; turned, it reads upwards.
  func text(_ text: String, x: Double, y: Double, size: Double, anchor: Anchor, isBold: Bool, isTurned: Bool, color: Color) {
    cairo.save(context)
    cairo.select_font_face(context, "sans-serif", CAIRO_FONT_SLANT_NORMAL, isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
    cairo.set_font_size(context, size)
    var extents = cairo_text_extents_t()
    cairo.text_extents(context, text, &extents)
    cairo.translate(context, x, y)
    if isTurned { cairo.rotate(context, -.pi / 2) }
    let shift: Double = switch anchor {
    case .start: 0
    case .middle: -extents.x_advance / 2
    case .end: -extents.x_advance
    }
    use(color)
    cairo.move_to(context, shift, 0)
    cairo.show_text(context, text)
    cairo.restore(context)
    cairo.new_path(context)
  }

  /// Squares of colour, three bytes each, row by row.
  func image(_ bytes: ArraySlice<UInt8>, columns: Int, rows: Int, x: Double, y: Double, width: Double, height: Double) throws {
    guard columns > 0, rows > 0, columns <= Int(Self.maximum), rows <= Int(Self.maximum), bytes.count == 3 * columns * rows else {
      throw DrawingError("an image of \(columns) x \(rows) has not \(bytes.count) bytes")
    }
    // A pixel is four bytes, the lowest of the number first: blue, green, red, and one not used.
    var pixels = [UInt8](repeating: 0, count: 4 * columns * rows)
    for pixel in 0..<columns * rows {
      for part in 0..<3 { pixels[4 * pixel + part] = bytes[bytes.startIndex + 3 * pixel + 2 - part] }
    }
    pixels.withUnsafeMutableBufferPointer { buffer in
      let image = cairo.image_surface_create_for_data(buffer.baseAddress, CAIRO_FORMAT_RGB24, Int32(columns), Int32(rows), Int32(4 * columns))
      cairo.save(context)
      cairo.translate(context, x, y)
      cairo.scale(context, width / Double(columns), height / Double(rows))
      cairo.set_source_surface(context, image, 0, 0)
      cairo.pattern_set_filter(cairo.get_source(context), CAIRO_FILTER_NEAREST)
      cairo.rectangle(context, 0, 0, Double(columns), Double(rows))
      cairo.fill(context)
      // The context lets go of the image before its pixels go.
      cairo.restore(context)
      cairo.surface_destroy(image)
    }
  }

  /// The picture as the bytes of a PNG file.
  func png() throws -> [UInt8] {
    let state = cairo.status(context)
    guard state == CAIRO_STATUS_SUCCESS else { throw failure(state) }
    final class Sink { var bytes: [UInt8] = [] }
    let sink = Sink()
    let status = withExtendedLifetime(sink) {
      cairo.surface_write_to_png_stream(
        surface,
        { closure, data, count in
          guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
          Unmanaged<Sink>.fromOpaque(closure).takeUnretainedValue().bytes += UnsafeBufferPointer(start: data, count: Int(count))
          return CAIRO_STATUS_SUCCESS
        }, Unmanaged.passUnretained(sink).toOpaque())
    }
    guard status == CAIRO_STATUS_SUCCESS else { throw failure(status) }
    return sink.bytes
  }

  private func failure(_ status: cairo_status_t) -> DrawingError {
    DrawingError("cairo could not draw the picture: \(cairo.status_to_string(status).map { String(cString: $0) } ?? "\(status)")")
  }

  private func use(_ color: Color) { cairo.set_source_rgba(context, color.red, color.green, color.blue, color.alpha) }
}
