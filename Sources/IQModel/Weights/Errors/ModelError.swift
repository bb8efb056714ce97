// What can be wrong with the files of a model, or with writing them.

public import IQTensor
public import IQText

/// A model that cannot be read or written. Every case names the file; the faults inside name the place, the value and
/// what would be right.
public enum ModelError: Error, Equatable, Sendable, CustomStringConvertible {
    /// There is nothing at the path.
    case notFound(path: String)
    /// The system refused to read; `code` is its errno.
    case notReadable(path: String, code: Int32)
    /// The system refused to write; `code` is its errno.
    case notWritable(path: String, code: Int32)
    /// The path is neither a Hugging Face folder nor a GGUF file.
    case notAModel(path: String, expected: String)
    /// The folder holds several models and none is the obvious one.
    case ambiguousFolder(path: String, candidates: [String])
    /// A folder lacks a file that it needs.
    case missingFile(folder: String, name: String)
    /// A `config.json`, or the metadata of a GGUF file, that describes no model this library runs.
    case configuration(path: String, ConfigurationFault)
    /// A damaged or unusual `*.safetensors` file or `model.safetensors.index.json`.
    case safetensors(path: String, SafetensorsFault)
    /// A damaged or unusual GGUF file.
    case gguf(path: String, GGUFFault)
    /// The tensors in the file are not those that the configuration asks for.
    case tensors(path: String, TensorMismatch)
    /// The tokenizer beside or inside the weights cannot be used.
    case tokenizer(path: String, TokenizerError)
    /// Weights cannot be written or converted in the format asked for.
    case unsupportedConversion(tensor: String, format: NumberFormat, reason: String)
    /// The model cannot be written in this form.
    case notExpressible(path: String, what: String, reason: String)
    /// Memory, threads or kernels failed.
    case tensor(TensorError)

    public var description: String {
        switch self {
        case .notFound(let path): "there is no file or folder at \(path)"
        case .notReadable(let path, let code): "cannot read \(path): \(systemErrorText(code))"
        case .notWritable(let path, let code): "cannot write \(path): \(systemErrorText(code))"
        case .notAModel(let path, let expected): "\(path) is not a model: expected \(expected)"
        case .ambiguousFolder(let path, let candidates):
            "\(path) holds several models (\(candidates.joined(separator: ", "))); give the path of one of them"
        case .missingFile(let folder, let name): "\(folder) has no \(name); fetch the complete model folder"
        case .configuration(let path, let fault): "\(path): \(fault)"
        case .safetensors(let path, let fault): "\(path): \(fault)"
        case .gguf(let path, let fault): "\(path): \(fault)"
        case .tensors(let path, let mismatch): "\(path): \(mismatch)"
        case .tokenizer(let path, let reason): "\(path): the tokenizer cannot be used: \(reason)"
        case .unsupportedConversion(let tensor, let format, let reason):
            "\(tensor) cannot be converted to \(format.rawValue): \(reason)"
        case .notExpressible(let path, let what, let reason): "\(what) cannot be written to \(path): \(reason)"
        case .tensor(let error): error.description
        }
    }
}

extension ModelError {
    /// The failure to map a file.
    init(reading path: String, _ error: TensorError) {
        switch error {
        case .fileNotReadable(let path, let code): self = .notReadable(path: path, code: code)
        default: self = .tensor(error)
        }
    }
}
