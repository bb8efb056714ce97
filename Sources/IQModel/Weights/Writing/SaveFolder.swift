// Writes a decoder or an encoder as a Hugging Face folder that transformers opens.

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif
package import IQTensor

/// The most bytes of tensors in one safetensors file, as transformers splits them by default.
package let standardShardByteLimit = 5_000_000_000

/// Writes `config.json` and the safetensors files of a decoder, each atomically. The folder is made if it is not there.
///
/// - Parameters:
///   - url: the folder.
///   - format: f32, f16 or bf16 for all tensors; nil keeps the matrices' own where it is one of these and the same for
///     all, else f32.
///   - shardByteLimit: at most this many bytes of tensors in one file; a tensor is never split.
package func saveFolder(
    _ configuration: DecoderConfiguration,
    _ weights: DecoderWeights,
    specialTokens: SpecialTokenIDs = SpecialTokenIDs(),
    to url: URL,
    format: NumberFormat? = nil,
    shardByteLimit: Int = standardShardByteLimit,
    context: ComputeContext
) throws(ModelError) {
    try writeFolder(
        weights.parameters(in: configuration).map { ($0.name, $0.value) },
        to: url.path,
        format: format,
        shardByteLimit: shardByteLimit,
        context: context
    ) { (format, path) throws(ModelError) in
        try configuration.huggingFaceConfiguration(format: format, specialTokens: specialTokens, path: path)
    }
}

/// Writes `config.json` and the safetensors files of an encoder, as the decoder's are written.
///
/// - Parameters:
///   - specialTokens: those of its tokenizer.
///   - url: the folder.
///   - format: f32, f16 or bf16 for all tensors; nil keeps the matrices' own where it is one of these and the same for
///     all, else f32.
package func saveFolder(
    _ configuration: EncoderConfiguration,
    _ weights: EncoderWeights,
    specialTokens: SpecialTokenIDs = SpecialTokenIDs(),
    to url: URL,
    format: NumberFormat? = nil,
    shardByteLimit: Int = standardShardByteLimit,
    context: ComputeContext
) throws(ModelError) {
    try writeFolder(
        weights.parameters(in: configuration).map { ($0.name, $0.value) },
        to: url.path,
        format: format,
        shardByteLimit: shardByteLimit,
        context: context
    ) { (format, path) throws(ModelError) in
        try configuration.huggingFaceConfiguration(format: format, specialTokens: specialTokens, path: path)
    }
}

/// Writes tensors and the configuration that `description` makes for their format and for its own path.
private func writeFolder(
    _ parameters: [(name: String, value: ParameterValue)],
    to folder: String,
    format: NumberFormat?,
    shardByteLimit: Int,
    context: ComputeContext,
    description: (NumberFormat, String) throws(ModelError) -> JSONText
) throws(ModelError) {
    let target = format ?? commonFormat(of: parameters.map(\.value))
    guard SafetensorsType.name(of: target) != nil else {
        throw .unsupportedConversion(
            tensor: parameters.first?.name ?? "a tensor",
            format: target,
            reason: "safetensors files hold f32, f16 and bf16"
        )
    }
    let configurationPath = FileSystem.join(folder, "config.json")
    let contents = try description(target, configurationPath)
    try FileSystem.makeFolder(folder)
    let tensors = parameters.map { name, value in
        WritableTensor(
            name: name,
            shape: value.shape,
            format: target,
            byteCount: value.count * target.bytesPerBlock
        ) { () throws(ModelError) in
            .matrix(try conversion { try context.converted(value.asMatrix, to: target) })
        }
    }
    try SafetensorsWriter.write(tensors, folder: folder, shardByteLimit: shardByteLimit)
    try AtomicFile.write(contents.bytes, to: configurationPath)
}

/// The plain format that all matrices have; f32 if there is none.
private func commonFormat(of values: [ParameterValue]) -> NumberFormat {
    var common: NumberFormat?
    for case .matrix(let matrix) in values {
        guard common == nil || common == matrix.format else { return .f32 }
        common = matrix.format
    }
    guard let common, SafetensorsType.name(of: common) != nil else { return .f32 }
    return common
}

extension ParameterValue {
    /// A vector as a matrix of one row.
    var asMatrix: WeightMatrix {
        switch self {
        case .matrix(let matrix): matrix
        case .vector(let vector):
            WeightMatrix(
                format: .f32,
                rows: 1,
                columns: vector.count,
                storage: vector.storage,
                byteOffset: vector.byteOffset
            )
        }
    }
}
