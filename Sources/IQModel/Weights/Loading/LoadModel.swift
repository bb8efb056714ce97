// Reads a model from a folder or a file.

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif
package import IQTensor

/// Reads a model.
///
/// - Parameters:
///   - url: a Hugging Face folder, a GGUF file, or a folder that holds exactly one GGUF file.
///   - precision: how matrices are kept in memory.
///   - context: converts numbers; not kept.
package func loadModel(
    at url: URL,
    precision: WeightPrecision,
    context: ComputeContext
) throws(ModelError) -> LoadedModel {
    let path = url.path
    switch try FileSystem.kind(path) {
    case nil:
        throw .notFound(path: path)
    case .file:
        return try loadGGUF(path: path, precision: precision, context: context)
    case .folder:
        let names = try FileSystem.names(in: path)
        if names.contains("config.json") {
            return try loadFolder(path: path, precision: precision, context: context)
        }
        let candidates = names.filter { $0.lowercased().hasSuffix(".gguf") }
        guard let only = candidates.first else {
            throw .notAModel(path: path, expected: "a folder with config.json or one .gguf file")
        }
        guard candidates.count == 1 else { throw .ambiguousFolder(path: path, candidates: candidates) }
        return try loadGGUF(path: FileSystem.join(path, only), precision: precision, context: context)
    case .other:
        throw .notAModel(path: path, expected: "a folder or a .gguf file")
    }
}
