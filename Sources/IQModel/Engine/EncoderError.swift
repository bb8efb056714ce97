// What a caller can get wrong when encoding texts.

/// Texts that cannot be encoded.
public enum EncoderError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The model generates text and does not encode it.
    case notAnEncoder(architecture: String)
    /// The model has no classification head.
    case noClassifier(architecture: String)
    /// The tokenizer makes a token that the model has no embedding for: the two are not of the same model.
    case tokenOutOfRange(Int, vocabularySize: Int)

    public var description: String {
        switch self {
        case .notAnEncoder(let architecture):
            "a model of architecture \(architecture) is not an encoder; load a BERT, MiniLM or RoBERTa folder"
        case .tokenOutOfRange(let token, let size):
            "the tokenizer makes the token \(token) and the model knows \(size); they are not of the same model"
        case .noClassifier(let architecture):
            "this \(architecture) model has no classification head; load one made for sequence classification"
        }
    }
}
