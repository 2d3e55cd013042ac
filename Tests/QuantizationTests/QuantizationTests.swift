import Testing

/// All tests of quantization, one after the other: they share the default generator and the gradient mode.
@Suite(.serialized) enum QuantizationTests {}
