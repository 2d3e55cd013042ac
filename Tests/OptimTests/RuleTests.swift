import Interface
import Optim
import TensorCore
import Testing
import Torch

/// What the update rules promise beyond the figures that the Lua tests compare with PyTorch.
@Suite struct RuleTests {
  @Test func everyRuleIsDeclaredWell() {
    for family in optimizerFamilies {
      #expect(family.mistakes == [])
      #expect(family.operations.count == 1)
    }
  }

  @Test func namesAreDistinct() {
    let names = optimizerFamilies.flatMap { $0.operations.map(\.schema.name) }
    #expect(Set(names).count == names.count && names.contains("adam"))
  }
}
