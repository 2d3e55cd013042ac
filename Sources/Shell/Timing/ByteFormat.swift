/// Numbers of bytes as people read them.
enum ByteFormat {
  /// `0 B`, `512 B`, `1.2 MiB`.
  static func text(_ count: Int) -> String {
    guard count >= 1024 else { return "\(count) B" }
    var value = Double(count)
    var unit = -1
    while value >= 1024, unit < 3 {
      value /= 1024
      unit += 1
    }
    return TimeFormat.formatted("%.1f ", [value]) + ["KiB", "MiB", "GiB", "TiB"][unit]
  }

  /// `25.06 MiB`, as memory_profiler has it.
  static func mebibytes(_ count: Int) -> String { TimeFormat.formatted("%.2f MiB", [Double(count) / 1_048_576]) }
}
