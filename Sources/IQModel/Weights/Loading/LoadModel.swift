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
    throw .notFound(path: url.path)
}
