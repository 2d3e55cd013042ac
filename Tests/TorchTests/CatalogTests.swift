import Interface
import Testing
import Torch

/// Laws over every declared operation.
@Suite struct CatalogLaws {
  @Test func everySchemaIsUnderstood() {
    for family in tensorFamilies {
      #expect(family.mistakes.isEmpty, "\(family.namespace)")
      #expect(!family.operations.isEmpty)
    }
  }

  @Test func everyOperationIsDocumented() {
    for operation in tensorFamilies.flatMap(\.operations) {
      #expect(operation.doc.contains("Mirrors ") && operation.doc.contains("."), "\(operation.schema.signature)")
    }
  }

  @Test func noOverloadIsDeclaredTwice() {
    for family in tensorFamilies {
      var seen: Set<String> = []
      for operation in family.operations {
        let name = "\(operation.schema.name).\(operation.schema.overload)/\(operation.variants.rawValue)"
        #expect(seen.insert(name).inserted, "\(family.namespace).\(name)")
      }
    }
  }

  @Test func signaturesAreReadBackAsTheyAreShown() throws {
    for operation in tensorFamilies.flatMap(\.operations) {
      let again = try Schema(parsing: operation.schema.signature)
      #expect(again.signature == operation.schema.signature)
    }
  }
}
