// One import for apps: everything public of the modules below.

@_exported public import IQDistillation
@_exported public import IQInterest
@_exported public import IQModel
@_exported public import IQPolicy
@_exported public import IQTensor
@_exported public import IQText
@_exported public import IQTraining
