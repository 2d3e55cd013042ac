import Glibc
import Interface
import Serialization
import Testing

/// The Swift half of check_with_torch.py, which runs it: loads every file in a folder and saves what it held to the folder `out`.
@Suite(.enabled(if: getenv("QREPL_CHECKPOINT_FOLDER") != nil))
struct CheckWithTorch {
  @Test func convertsAFolder() throws {
    guard let name = getenv("QREPL_CHECKPOINT_FOLDER") else { return }
    let folder = String(cString: name)
    for file in FixtureFiles.names(in: folder) where file != "out" {
      for (kind, isMapped) in [("copied", false), ("mapped", true)] where !(isMapped && file.hasPrefix("legacy")) {
        try Checkpoint.save(Checkpoint.load(from: "\(folder)/\(file)", mappingMemory: isMapped), to: "\(folder)/out/\(kind)/\(file)")
      }
    }
  }
}
