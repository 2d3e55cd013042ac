import LuaVM

/// What a value shows of itself: a text, and pictures by MIME type.
public struct Presentation: Equatable, Sendable {
  /// The text, which every display can show.
  public var text: String
  /// The bytes of pictures by MIME type, such as `image/png`; only of types the display asked for.
  public var pictures: [String: [UInt8]]

  /// A text, and what may stand in its place.
  public init(text: String, pictures: [String: [UInt8]] = [:]) {
    self.text = text
    self.pictures = pictures
  }

  /// The text without a terminal's colours.
  public var plainText: String {
    var result = ""
    var isEscape = false
    for scalar in text.unicodeScalars {
      if scalar == "\u{1B}" { isEscape = true }
      if !isEscape { result.unicodeScalars.append(scalar) }
      if scalar == "m" { isEscape = false }
    }
    return result
  }
}

extension Session {
  /// What `value` shows of itself through the `__mime` of its metatable; nil for a value that has none.
  ///
  /// `__mime(value, want)` gives a table of contents by MIME type. `want` has `width`, `unicode` and `colors` for
  /// `text/plain`, and is true at each other type that the display can show: only these need be made.
  public func presentation(of value: LuaValue) throws(LuaError) -> Presentation? {
    guard case .reference = value, let meta = try lua.metatable(of: value) else { return nil }
    let mime = try lua.rawGet(meta, "__mime")
    if mime.isNil { return nil }
    let want = try lua.newTable()
    try lua.rawSet(want, "width", .integer(Int64(display.width)))
    try lua.rawSet(want, "unicode", .boolean(display.isUnicode))
    try lua.rawSet(want, "colors", .boolean(display.hasColors))
    for type in display.pictureTypes { try lua.rawSet(want, .string(type), true) }
    guard let contents = try lua.call(mime, [value, .reference(want)], results: 1).first?.table else {
      throw LuaError(message: "__mime must return a table of contents by MIME type")
    }
    var pictures: [String: [UInt8]] = [:]
    for type in display.pictureTypes {
      if let bytes = try lua.rawGet(contents, .string(type)).stringBytes { pictures[type] = bytes }
    }
    if let text = try lua.rawGet(contents, "text/plain").text { return Presentation(text: text, pictures: pictures) }
    return Presentation(text: try lua.display(value), pictures: pictures)
  }

  /// Shows a value as the end of a cell would, but counts it as nobody's value: what magics and `show` of a value do.
  public func present(_ value: LuaValue) throws(LuaError) {
    if let presentation = try presentation(of: value) { return display.show(presentation, number: nil) }
    display.show(try lua.display(value), number: nil)
  }

  /// Lets Lua's libraries show values: the registry's `qrepl.show` takes one, and `qrepl.screen` gives the width in
  /// columns, whether text may be more than ASCII, and whether it may have colours.
  func bindPresentation() throws(LuaError) {
    try lua.register("qrepl.screen", in: lua.registry()) { [weak self] context in
      guard let display = self?.display else { return 0 }
      return try context.results(.integer(Int64(display.width)), .boolean(display.isUnicode), .boolean(display.hasColors))
    }
    try lua.register("qrepl.show", in: lua.registry()) { [weak self] context in
      try self?.present(context[1])
      return 0
    }
  }
}
