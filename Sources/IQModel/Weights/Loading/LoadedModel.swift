// A model as it comes from disk: configuration, weights, and where they are from.

public import IQTensor

/// In which number format the matrices of a model are kept in memory.
public enum WeightPrecision: Sendable, Hashable {
    /// As the file stores them, mapped from it without a copy.
    case stored
    /// Converted once while loading. Vectors (norms, biases) are always f32.
    case converted(NumberFormat)
}

/// The kind of files that a model was read from.
public enum ModelFileFormat: String, Sendable, Hashable, Codable {
    /// A folder with `config.json` and `*.safetensors`.
    case huggingFaceFolder
    /// One GGUF file.
    case gguf
}

/// A model read from disk.
package struct LoadedModel: Sendable {
    package enum Weights: Sendable {
        case decoder(DecoderConfiguration, DecoderWeights)
        case encoder(EncoderConfiguration, EncoderWeights)
    }

    package var weights: Weights
    /// The folder or file that was read.
    package var path: String
    package var fileFormat: ModelFileFormat

    package init(weights: Weights, path: String, fileFormat: ModelFileFormat) {
        self.weights = weights
        self.path = path
        self.fileFormat = fileFormat
    }
}
