// A model as it comes from disk: configuration, weights, and where they are from.

public import IQTensor
package import IQText

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
    /// The tokenizer beside or inside the weights; nil where there is none.
    package var tokenizer: Tokenizer?
    /// The tokenizer's metadata where it came from a GGUF file, for writing it again.
    package var vocabulary: GGUFVocabulary?
    /// The folder or file that was read.
    package var path: String
    package var fileFormat: ModelFileFormat

    package init(
        weights: Weights,
        tokenizer: Tokenizer?,
        vocabulary: GGUFVocabulary? = nil,
        path: String,
        fileFormat: ModelFileFormat
    ) {
        self.weights = weights
        self.tokenizer = tokenizer
        self.vocabulary = vocabulary
        self.path = path
        self.fileFormat = fileFormat
    }
}
