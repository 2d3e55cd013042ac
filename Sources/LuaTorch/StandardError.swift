import Glibc

/// Where warnings go.
enum StandardError {
  /// Writes a text whole, after what is still to be written elsewhere.
  static func write(_ text: String) {
    fflush(nil)
    var text = text
    text.withUTF8 { bytes in _ = Glibc.write(2, bytes.baseAddress, bytes.count) }
  }
}
