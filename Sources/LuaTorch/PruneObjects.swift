import Interface
import LuaVM
import Prune

extension Binding {
  /// Metatables of what pruning gives beside models.
  func registerPruneObjects() throws {
    try register(CompactionNotes.self, name: "CompactionNotes") { meta in
      func notes(_ frame: LuaFrame) -> [String] { (frame.object(0) as? CompactionNotes)?.sentences ?? [] }
      try meta.set("__tostring") { frame in try frame.give(.string(notes(frame).joined(separator: "\n"))) }
      try meta.set("__len") { frame in try frame.give(.integer(notes(frame).count)) }
      try meta.set("__index") { frame in
        guard let i = frame.integer(1), case let all = notes(frame), all.indices.contains(i - 1) else { return try frame.give(.none) }
        return try frame.give(.string(all[i - 1]))
      }
    }
    try register(ModelReport.self, name: "ModelReport") { meta in
      try meta.set("__tostring") { frame in try frame.give(.string((frame.object(0) as? ModelReport)?.description ?? "")) }
      try meta.set("__index") { frame in
        guard let report = frame.object(0) as? ModelReport, let name = frame.string(1) else { return try frame.give(.none) }
        guard let value = report.field(name) else { throw TorchError.attribute("'ModelReport' object has no attribute '\(name)'") }
        return try frame.give(value)
      }
      try meta.set("__complete") { frame in try frame.give(.list(["layers", "ratio", "total"].map { .string($0) })) }
    }
  }
}
