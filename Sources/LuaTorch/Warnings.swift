import Interface
import LuaVM
import Torch

/// What becomes of warnings. Mirrors Python's module `warnings`.
final class Warnings {
  private var isIgnored = false
  private var isRepeated = false
  private var told: Set<String> = []
  private let place: () -> String

  init(place: @escaping () -> String) { self.place = place }

  /// Writes a warning to the standard error, once for each line of the user's code.
  func tell(_ category: String, _ text: String) {
    if isIgnored { return }
    if !isRepeated && !UserWarning.isRepeated && !told.insert("\(place())\u{0}\(category)\u{0}\(text)").inserted { return }
    StandardError.write("\(category): \(text)\n")
  }

  /// - Throws: Python's sentence for words that are no action.
  func filter(_ action: String) throws {
    guard ["default", "always", "all", "ignore", "module", "once"].contains(action) else {
      throw TorchError.value("invalid action: '\(action)'")
    }
    isIgnored = action == "ignore"
    isRepeated = action == "always" || action == "all"
    told = []
  }
}

extension Binding {
  /// The module `warnings`, and the way of PyTorch's warnings there.
  func bindWarnings() throws {
    // The line of the user's code: what the library does in Lua does not count.
    let warnings = Warnings { [unowned self] in
      whereabouts().split(separator: "\n").first { !$0.contains("/stdlib/torch/") && !$0.contains("stdlib/torch/") }.map(String.init) ?? ""
    }
    UserWarning.receiver = { warnings.tell($0, $1) }
    try set("warnings", "warn", function: NativeFunction(self) { frame in
      warnings.tell(frame.string(1) ?? "UserWarning", frame.string(0) ?? "")
      return 0
    })
    for name in ["filterwarnings", "simplefilter"] {
      try set("warnings", name, function: NativeFunction(self) { frame in
        try warnings.filter(frame.string(0) ?? "")
        return 0
      })
    }
    try set("warnings", "resetwarnings", function: NativeFunction(self) { _ in
      try warnings.filter("default")
      return 0
    })
  }
}
