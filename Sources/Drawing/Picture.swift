/// A picture's drawing, as `stdlib/plot/png.lua` packs it: a head and then commands, each a letter and its operands; little
/// endian, lengths as doubles, colours as four bytes, texts and images as a count of four bytes and their bytes.
public struct Picture {
  private var bytes: ArraySlice<UInt8>

  /// A packed drawing.
  public init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

  /// Draws it and gives the bytes of a PNG file.
  public mutating func png() throws -> [UInt8] {
    let canvas = try Canvas(width: number(), height: number(), scale: number())
    var clips = 0
    while let command = bytes.popFirst() {
      switch command {
      case UInt8(ascii: "c"):
        canvas.clip(x: try number(), y: try number(), width: try number(), height: try number())
        clips += 1
      case UInt8(ascii: "e"):
        guard clips > 0 else { throw DrawingError("a clip ends that has not begun") }
        canvas.endClip()
        clips -= 1
      case UInt8(ascii: "p"):
        let closed = try byte() != 0
        let (fill, stroke, width) = (try color(), try color(), try number())
        canvas.path(try points(), closed: closed, fill: fill, stroke: stroke, width: width)
      case UInt8(ascii: "d"):
        let (fill, radius) = (try color(), try number())
        canvas.dots(try points(), radius: radius, fill: fill)
      case UInt8(ascii: "t"):
        let (x, y, size, color) = (try number(), try number(), try number(), try color())
        guard let anchor = Canvas.Anchor(rawValue: try byte()) else { throw DrawingError("a text has no such anchor") }
        let flags = try byte()
        // cairo takes C strings: a text ends at a NUL.
        let text = String(decoding: try data().prefix { $0 != 0 }, as: UTF8.self)
        canvas.text(text, x: x, y: y, size: size, anchor: anchor, isBold: flags & 1 != 0, isTurned: flags & 2 != 0, color: color)
      case UInt8(ascii: "i"):
        let (x, y, width, height) = (try number(), try number(), try number(), try number())
        let (columns, rows) = (try count(), try count())
        try canvas.image(data(), columns: columns, rows: rows, x: x, y: y, width: width, height: height)
      default: throw DrawingError("there is no drawing command \(command)")
      }
    }
    for _ in 0..<clips { canvas.endClip() }
    return try canvas.png()
  }

  private mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
    guard count <= bytes.count else { throw DrawingError("the drawing ends too early") }
    defer { bytes = bytes.dropFirst(count) }
    return bytes.prefix(count)
  }

  private mutating func byte() throws -> UInt8 {
    guard let byte = bytes.popFirst() else { throw DrawingError("the drawing ends too early") }
    return byte
  }

  private mutating func count() throws -> Int {
    Int(try take(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
  }

  private mutating func number() throws -> Double {
    let number = Double(bitPattern: try take(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    guard number.isFinite else { throw DrawingError("a drawing's lengths are finite, not \(number)") }
    return number
  }

  private mutating func color() throws -> Canvas.Color {
    let parts = try take(4).map { Double($0) / 255 }
    return Canvas.Color(red: parts[0], green: parts[1], blue: parts[2], alpha: parts[3])
  }

  private mutating func data() throws -> ArraySlice<UInt8> { try take(count()) }

  private mutating func points() throws -> [Double] {
    let count = try count()
    guard count <= bytes.count / 16 else { throw DrawingError("the drawing ends too early") }
    return try (0..<2 * count).map { _ in try number() }
  }
}
