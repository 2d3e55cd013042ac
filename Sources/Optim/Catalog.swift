import Interface

/// How optimizers change parameters. What users see of them is written in Lua (`stdlib/torch/optim`).
public let optimizerFamilies: [OperationFamily] = [
  sgdRule, adamRule, nadamRule, radamRule, adamaxRule, rmspropRule, adagradRule, adadeltaRule, asgdRule, rpropRule,
]
