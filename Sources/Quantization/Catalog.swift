import Interface

/// The families of operations on quantized tensors and of quantizing models.
public let quantizationFamilies: [OperationFamily] = [quantizedTensors]
