// A smaller model with a larger one's weights.

public import IQModel
package import IQTensor

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Reads a teacher, and writes the student that the plan keeps of it, with the teacher's tokenizer. A student that is only cut
/// writes badly; let it recover by training on text or on the teacher's lists before it is compared with anything.
///
/// Of a feed-forward those units stay whose weights are largest: the product of the lengths of a unit's gate row, up row and
/// down column, which bounds what it can add to the stream. They keep their order.
///
/// - Parameters:
///   - teacher: a Hugging Face folder or a GGUF file of a text-generating model.
///   - plan: what stays.
///   - destination: the folder or file to write.
///   - export: what to write.
/// - Throws: ``DistillationError/impossibleStudent(_:)``; ``ModelError``; ``GenerationError/notADecoder(architecture:)``;
///   ``TensorError`` if memory or threads are short.
public func cutStudent(from teacher: URL, plan: StudentPlan, to destination: URL, as export: ModelExport) throws {
    let context = try ComputeContext()
    var loaded = try loadModel(at: teacher, precision: .stored, context: context)
    guard case .decoder(let configuration, let weights) = loaded.weights else {
        throw GenerationError.notADecoder(architecture: ModelInformation(loaded).architecture)
    }
    let student = try plan.student(of: configuration, weights, context: context)
    loaded.weights = .decoder(student.configuration, student.weights)
    switch export {
    case .huggingFaceFolder(let format): try loaded.saveFolder(to: destination, format: format, context: context)
    case .gguf(let format): try loaded.saveGGUF(to: destination, format: format, context: context)
    }
}

extension StudentPlan {
    /// The student of a teacher; what is kept whole shares the teacher's memory.
    package func student(
        of configuration: DecoderConfiguration,
        _ weights: DecoderWeights,
        context: ComputeContext
    ) throws -> (configuration: DecoderConfiguration, weights: DecoderWeights) {
        let numbers = try layers.numbers(of: configuration.layers)
        var student = configuration
        student.layerReach = numbers.map { configuration.layerReach[$0] }
        var cut = weights
        cut.layers = numbers.map { weights.layers[$0] }
        guard let units = feedForwardWidth, units != configuration.feedForwardWidth else { return (student, cut) }
        guard (1...configuration.feedForwardWidth).contains(units) else {
            throw DistillationError.impossibleStudent(
                "\(units) units of a feed-forward with \(configuration.feedForwardWidth); give 1 to \(configuration.feedForwardWidth)"
            )
        }
        student.feedForwardWidth = units
        for index in cut.layers.indices {
            cut.layers[index] = try narrowed(cut.layers[index], to: units, context: context)
        }
        return (student, cut)
    }

    private func narrowed(
        _ layer: DecoderLayerWeights,
        to units: Int,
        context: ComputeContext
    ) throws -> DecoderLayerWeights {
        let gate = try Expanded(layer.gate.matrix, context: context)
        let up = try Expanded(layer.up.matrix, context: context)
        let down = try Expanded(layer.down.matrix, context: context)
        let strengths = zip(zip(gate.squaredRows, up.squaredRows), down.squaredColumns).map { $0.0 * $0.1 * $1 }
        let kept = strengths.indices
            .sorted { strengths[$0] != strengths[$1] ? strengths[$0] > strengths[$1] : $0 < $1 }
            .prefix(units).sorted()
        var result = layer
        result.gate = LinearWeights(try gate.keeping(rows: kept), bias: try layer.gate.bias?.keeping(kept))
        result.up = LinearWeights(try up.keeping(rows: kept), bias: try layer.up.bias?.keeping(kept))
        result.down = LinearWeights(try down.keeping(columns: kept), bias: layer.down.bias)
        return result
    }
}

/// A matrix in f32.
private struct Expanded {
    let rows: Int
    let columns: Int
    let values: [Float]

    init(_ matrix: WeightMatrix, context: ComputeContext) throws {
        let expanded = try FloatMatrix(rows: matrix.rows, columns: matrix.columns)
        try context.expand(matrix, into: expanded)
        rows = matrix.rows
        columns = matrix.columns
        values = expanded.values
    }

    var squaredRows: [Double] {
        (0..<rows).map { row in
            values[row * columns..<(row + 1) * columns].reduce(0) { $0 + Double($1) * Double($1) }
        }
    }

    var squaredColumns: [Double] {
        var sums = [Double](repeating: 0, count: columns)
        for row in 0..<rows {
            for column in 0..<columns {
                let value = Double(values[row * columns + column])
                sums[column] += value * value
            }
        }
        return sums
    }

    func keeping(rows kept: [Int]) throws -> WeightMatrix {
        try WeightMatrix(
            rows: kept.count,
            columns: columns,
            values: kept.flatMap { values[$0 * columns..<($0 + 1) * columns] }
        )
    }

    func keeping(columns kept: [Int]) throws -> WeightMatrix {
        try WeightMatrix(
            rows: rows,
            columns: kept.count,
            values: (0..<rows).flatMap { row in kept.map { values[row * columns + $0] } }
        )
    }
}

extension WeightVector {
    fileprivate func keeping(_ kept: [Int]) throws -> WeightVector {
        let values = Array(values)
        return try WeightVector(kept.map { values[$0] })
    }
}
