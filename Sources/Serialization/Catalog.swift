import Interface

/// The families of operations that write and read files.
public let serializationFamilies: [OperationFamily] = [checkpoints, safetensorsFunctions]
