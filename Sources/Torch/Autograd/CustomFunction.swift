import Interface
import TensorCore

// What functions written by the user need of the tape.
extension Tensor {
  /// A node for an operation whose results are told later with `becomeResult`.
  public static func makeNode(
    _ name: String, inputs: [Tensor], resultCount: Int, keepsValues: Bool, _ backward: @escaping (Node, [Tensor?]) throws -> [Tensor?]
  ) -> Node {
    Node(name, inputs: inputs, resultCount: resultCount, keepsValues: keepsValues, backward)
  }

  /// Marks this tensor, made where nothing was recorded, as result `index` of a user's function.
  public func becomeResult(of node: Node, _ index: Int, changedInPlace: Bool) {
    if changedInPlace {
      let result = alias(sizes, strides, storageOffset)
      result.attach(node, index)
      rebase(onto: result)
      return
    }
    attach(node, index)
    if base != nil {
      viewOrigin = .customFunction
      viewVersion = version
    }
  }

  /// This gradient with the sizes wanted, summed where broadcasting allows it.
  /// - Throws: PyTorch's sentence for a gradient of other sizes.
  public func fitting(_ wanted: Dims, index: Int, of function: String) throws -> Tensor {
    if sizes == wanted { return self }
    let reduces =
      dim >= wanted.count
      && (0..<wanted.count).allSatisfy { wanted[$0] == 1 || wanted[$0] == sizes[dim - wanted.count + $0] }
    guard reduces else {
      throw TorchError.runtime(
        "Function \(function) returned an invalid gradient at index \(index) - got \(sizes.text) but expected shape compatible with \(wanted.text)"
      )
    }
    return try summed(to: wanted)
  }
}
