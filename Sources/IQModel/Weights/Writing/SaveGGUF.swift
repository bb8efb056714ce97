// Writes a decoder as one GGUF file that llama.cpp opens.

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif
package import IQTensor
package import IQText

/// Formats that matrices are written in as GGUF.
package let ggufOutputFormats: [NumberFormat] = [.f32, .f16, .bf16, .q8_0, .q4_0]

/// Writes a decoder as a GGUF file, atomically.
///
/// Norms and biases are written in f32, as llama.cpp's converter does; so are the matrices whose rows are no whole blocks
/// (in f16, if blocks were asked for). Under `q4_0` the embedding and the output head are written in `q8_0`: they are one
/// matrix in tied models, and the one that four bits harm most.
///
/// - Parameters:
///   - url: the file.
///   - format: f32, f16, bf16, q8_0 or q4_0; nil keeps each matrix in the format it has.
///   - vocabulary: the tokenizer's part of the metadata; nil writes a file that only takes tokens.
///   - name: the model's name in the metadata.
package func saveGGUF(
    _ configuration: DecoderConfiguration,
    _ weights: DecoderWeights,
    vocabulary: GGUFVocabulary?,
    name: String,
    to url: URL,
    format: NumberFormat?,
    context: ComputeContext
) throws(ModelError) {
    let path = url.path
    if let format, !ggufOutputFormats.contains(format) {
        throw .unsupportedConversion(
            tensor: DecoderParameter.embedding.ggufName,
            format: format,
            reason: "GGUF files are written in \(ggufOutputFormats.map(\.rawValue).joined(separator: ", "))"
        )
    }
    let exporter = GGUFExporter(configuration: configuration, format: format, context: context)
    var metadata = try configuration.ggufMetadata(
        name: name,
        fileType: exporter.fileType(of: weights),
        path: path
    )
    if let vocabulary {
        for (key, value) in vocabulary.padded(to: configuration.vocabularySize).metadataEntries {
            metadata.set(key, value)
        }
    } else {
        metadata.set("tokenizer.ggml.model", .text("none"))
    }
    var tensors: [WritableTensor] = []
    if let factors = configuration.ggufRotaryFactors {
        let vector = try conversion { try WeightVector(factors) }
        tensors.append(WritableTensor(name: "rope_freqs.weight", .vector(vector)))
    }
    for (_, parameter, value) in weights.parameters(in: configuration) {
        tensors.append(exporter.tensor(parameter, value))
    }
    try GGUFWriter.write(metadata: metadata, tensors: tensors, to: path)
}

/// Turns parameters into tensors as GGUF has them.
private struct GGUFExporter {
    let configuration: DecoderConfiguration
    let format: NumberFormat?
    let context: ComputeContext

    private var isInterleaved: Bool { configuration.ggufArchitecture == "llama" }

    /// llama.cpp's number for what most of the file is stored as.
    func fileType(of weights: DecoderWeights) -> UInt32 {
        let most = format ?? weights.layers.first?.up.matrix.format ?? weights.embedding.format
        return switch most {
        case .f32: 0
        case .f16: 1
        case .q4_0: 2
        case .q4_1: 3
        case .q8_0: 7
        case .q5_0: 8
        case .q5_1: 9
        case .q4_K: 15
        case .q5_K: 17
        case .q6_K: 18
        case .bf16: 32
        }
    }

    func tensor(_ parameter: DecoderParameter, _ value: ParameterValue) -> WritableTensor {
        let heads = isInterleaved ? parameter.rotaryHeads(in: configuration) : nil
        switch value {
        case .vector(let vector):
            let offset = parameter.isNorm ? configuration.normWeightOffset : 0
            return WritableTensor(
                name: parameter.ggufName,
                shape: [vector.count],
                format: .f32,
                byteCount: vector.count * MemoryLayout<Float>.stride
            ) { () throws(ModelError) in
                let values = vector.values
                let ordered = values.indices.map { index in
                    values[heads.map { RotaryOrder.halves(index, heads: $0, rows: values.count) } ?? index] + offset
                }
                return .vector(try conversion { try WeightVector(ordered) })
            }
        case .matrix(let matrix):
            let target = targetFormat(parameter, matrix)
            let rowBytes = matrix.columns / target.blockLength * target.bytesPerBlock
            return WritableTensor(
                name: parameter.ggufName,
                shape: [matrix.rows, matrix.columns],
                format: target,
                byteCount: matrix.rows * rowBytes
            ) { () throws(ModelError) in
                var result = try conversion { try context.converted(matrix, to: target) }
                if let heads {
                    result = try result.permutingRows {
                        RotaryOrder.halves($0, heads: heads, rows: matrix.rows)
                    }
                }
                return .matrix(result)
            }
        }
    }

    private func targetFormat(_ parameter: DecoderParameter, _ matrix: WeightMatrix) -> NumberFormat {
        guard var target = format else { return matrix.format }
        if target == .q4_0, parameter == .embedding || parameter == .outputHead { target = .q8_0 }
        return matrix.columns % target.blockLength == 0 ? target : .f16
    }
}

extension GGUFVocabulary {
    /// With unused tokens added up to the rows of the embedding, as models have that round their vocabulary up.
    func padded(to count: Int) -> GGUFVocabulary {
        guard tokens.count < count else { return self }
        var result = self
        let added = count - tokens.count
        let unused: Int32 = 5
        var types = types ?? Array(repeating: 1, count: tokens.count)
        types += repeatElement(unused, count: added)
        result.types = types
        result.tokens += (tokens.count..<count).map { Array("[PAD\($0)]".utf8) }
        result.scores = scores.map { $0 + repeatElement(-1000, count: added) }
        return result
    }
}
