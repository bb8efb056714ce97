// What of a model learns.

public import IQModel

/// Which numbers a training changes.
public enum TrainingMethod: Sendable, Hashable {
    /// All weights.
    case full
    /// Low-rank adapters; the weights themselves stay as they are.
    case adapters(LoRAOptions)

    /// The adapters' options; nil where all weights learn.
    public var adapterOptions: LoRAOptions? {
        if case .adapters(let options) = self { return options }
        return nil
    }
}
