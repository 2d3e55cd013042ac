// swift-tools-version:6.0
import PackageDescription

// Layers, lowest first; a target imports only what its row lists.
let package = Package(
  name: "qrepl",
  products: [.executable(name: "qrepl", targets: ["qrepl"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
  ],
  targets: [
    // 0: system libraries and C
    .systemLibrary(name: "CLua"),
    .systemLibrary(name: "CReadline"),
    .systemLibrary(name: "CSQLite"),
    .systemLibrary(name: "COneDNN"),
    .systemLibrary(name: "COpenBLAS"),
    .systemLibrary(name: "CLapack"),
    .systemLibrary(name: "CSLEEF"),
    .systemLibrary(name: "CCairo"),
    .target(name: "CLuaShim", dependencies: ["CLua"]),
    .target(name: "CKernels", dependencies: ["CSLEEF"], linkerSettings: [.linkedLibrary("sleef")]),
    // 1
    .target(name: "Interface", dependencies: [.product(name: "OrderedCollections", package: "swift-collections")]),
    .target(name: "JSON"),
    .target(name: "Notebook", dependencies: ["JSON"]),
    .target(name: "Tokenize", dependencies: ["JSON"]),
    // 2
    .target(name: "TensorCore", dependencies: ["Interface", "CKernels"]),
    .target(name: "LuaVM", dependencies: ["CLua", "CLuaShim"]),
    // 3
    .target(name: "Kernels", dependencies: ["Interface", "TensorCore", "CKernels", "CLapack", "COneDNN", "COpenBLAS"]),
    .target(name: "Shell", dependencies: ["JSON", "LuaVM", "Notebook", "CSQLite"]),
    .target(name: "Drawing", dependencies: ["LuaVM", "CCairo"]),
    // 4
    .target(name: "Torch", dependencies: ["Interface", "TensorCore", "CKernels", "Kernels"]),
    // 5
    .target(name: "NN", dependencies: ["Interface", "TensorCore", "CKernels", "Kernels", "Torch", .product(name: "OrderedCollections", package: "swift-collections")]),
    .target(name: "Optim", dependencies: ["Interface", "TensorCore", "Kernels", "Torch"]),
    .target(name: "Serialization", dependencies: ["Interface", "JSON", "TensorCore", "CKernels", "Torch", "NN", .product(name: "OrderedCollections", package: "swift-collections")]),
    // 6
    .target(name: "Parametrize", dependencies: ["Interface", "TensorCore", "Torch", "NN", "Serialization", .product(name: "OrderedCollections", package: "swift-collections")]),
    .target(name: "Prune", dependencies: ["Interface", "TensorCore", "CKernels", "Kernels", "Serialization", "Torch", "NN", .product(name: "OrderedCollections", package: "swift-collections")]),
    .target(name: "Quantization", dependencies: ["Interface", "TensorCore", "CKernels", "Kernels", "Serialization", "Torch", "NN", .product(name: "OrderedCollections", package: "swift-collections")]),
    .target(name: "Trace", dependencies: ["Interface", "TensorCore", "Torch", "NN", "Serialization", .product(name: "OrderedCollections", package: "swift-collections")]),
    // 7
    .target(
      name: "LuaTorch",
      dependencies: [
        "CLua", "CLuaShim", "LuaVM", "Interface", "JSON", "Tokenize", "CKernels", "COneDNN", "TensorCore", "Kernels", "Torch", "NN", "Optim", "Serialization", "Parametrize", "Prune", "Quantization", "Trace",
        .product(name: "OrderedCollections", package: "swift-collections"),
      ]),
    .target(name: "Terminal", dependencies: ["CLuaShim", "LuaVM", "Shell", "Notebook", "CReadline"]),
    .target(name: "Batch", dependencies: ["JSON", "LuaVM", "Shell", "Notebook"]),
    // 8
    .executableTarget(
      name: "qrepl",
      dependencies: ["LuaVM", "Notebook", "Shell", "LuaTorch", "Terminal", "Batch", "Drawing", .product(name: "ArgumentParser", package: "swift-argument-parser")]),

    // tests; fixtures are read beside the sources, not bundled
    .testTarget(name: "CKernelsTests", dependencies: ["CKernels"], exclude: ["make_fixtures.py", "Fixtures"]),
    .testTarget(name: "LuaVMTests", dependencies: ["LuaVM", "CLua", "CLuaShim"]),
    .testTarget(name: "NotebookTests", dependencies: ["Notebook", "JSON"]),
    .testTarget(name: "JSONTests", dependencies: ["JSON"]),
    .testTarget(name: "TokenizeTests", dependencies: ["Tokenize"], exclude: ["make_fixtures.py", "Fixtures"]),
    .testTarget(name: "ShellTests", dependencies: ["Shell", "LuaVM", "Notebook"], exclude: ["Fixtures"]),
    .testTarget(name: "TerminalTests", dependencies: ["Terminal", "Shell"]),
    .testTarget(name: "BatchTests", dependencies: ["Batch", "Notebook", "JSON", "Shell"]),
    .testTarget(name: "TensorCoreTests", dependencies: ["TensorCore"]),
    .testTarget(name: "TorchTests", dependencies: ["Torch", "TensorCore", "Interface"]),
    .testTarget(name: "OptimTests", dependencies: ["Optim", "Torch", "TensorCore", "Interface"]),
    .testTarget(name: "NNTests", dependencies: ["NN", "Torch", "TensorCore", "Interface", .product(name: "OrderedCollections", package: "swift-collections")]),
    .testTarget(
      name: "SerializationTests", dependencies: ["Serialization", "Torch", "TensorCore", "Interface"],
      exclude: ["make_fixtures.py", "check_with_torch.py", "Fixtures"]),
    .testTarget(name: "QuantizationTests", dependencies: ["Quantization", "Serialization", "NN", "Torch", "TensorCore", "Interface"]),
  ]
)

// Checked in debug builds; at run time the checks cost a small operation a tenth of its time.
for target in package.targets where target.type == .regular && !target.name.hasPrefix("C") {
  target.swiftSettings = [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]
}
