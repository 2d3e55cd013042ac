import Interface
import NN
import Testing

/// Laws over every declared layer and function of layers.
@Suite struct LayerCatalogLaws {
  @Test func everySchemaIsUnderstood() {
    for family in nnFamilies { #expect(family.mistakes.isEmpty, "\(family.namespace): \(family.mistakes)") }
    for family in layerFamilies { #expect(family.mistakes.isEmpty, "\(family.mistakes)") }
  }

  @Test func everyLayerIsDocumented() {
    for operation in nnFamilies.flatMap(\.operations) + layerFamilies.flatMap(\.operations.operations) {
      #expect(operation.doc.contains("Mirrors ") && operation.doc.contains("."), "\(operation.text)")
    }
  }

  @Test func noLayerIsDeclaredTwice() {
    let names = layerFamilies.flatMap { $0.layers.map(\.name) }
    #expect(Set(names).count == names.count, "\(names.filter { name in names.filter { $0 == name }.count > 1 })")
  }
}
