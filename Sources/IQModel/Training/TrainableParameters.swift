// The numbers that an optimiser changes: named parameters in one buffer of values and one of gradients.

package import IQTensor

/// A parameter to be trained.
package struct TrainableParameter: Sendable, Hashable {
    /// The name in files: Hugging Face's for weights, PEFT's for adapters.
    package let name: String
    /// [output features, input features] of a matrix, [elements] of a vector.
    package let shape: [Int]
    /// False for norms and biases, which weight decay leaves alone by default.
    package let isMatrix: Bool

    package init(name: String, shape: [Int]) {
        self.name = name
        self.shape = shape
        isMatrix = shape.count > 1
    }

    package var count: Int { shape.reduce(1, *) }
}

/// Values and gradients of all trained parameters, f32, each at a multiple of 64 bytes: matrices first, then vectors, so
/// that each kind is one run for the optimiser. Not Sendable: it belongs to a trainer.
package final class TrainableParameters {
    package struct Entry: Sendable, Hashable {
        package let parameter: TrainableParameter
        /// Place of the first number in both buffers.
        package let offset: Int

        package var name: String { parameter.name }
        package var range: Range<Int> { offset..<(offset + parameter.count) }
    }

    /// In the order given.
    package let entries: [Entry]
    package let values: MutableStorage
    package let gradients: FloatBuffer
    /// The run of numbers that belongs to matrices, padding included; vectors follow.
    package let matrixRange: Range<Int>
    private let places: [String: Int]

    /// Numbers between two parameters' beginnings are a multiple of this.
    private static let alignment = 16

    package init(_ parameters: [TrainableParameter]) throws(TensorError) {
        var offset = 0
        var offsets = [Int](repeating: 0, count: parameters.count)
        func place(_ isMatrix: Bool) {
            for (index, parameter) in parameters.enumerated() where parameter.isMatrix == isMatrix {
                offsets[index] = offset
                offset += (parameter.count + Self.alignment - 1) / Self.alignment * Self.alignment
            }
        }
        place(true)
        matrixRange = 0..<offset
        place(false)
        entries = zip(parameters, offsets).map { Entry(parameter: $0, offset: $1) }
        places = Dictionary(zip(parameters.map(\.name), parameters.indices), uniquingKeysWith: { first, _ in first })
        precondition(places.count == parameters.count, "two parameters of one name")
        values = try MutableStorage(count: offset)
        gradients = try FloatBuffer(count: offset)
    }

    /// Numbers in each buffer, padding included.
    package var count: Int { values.count }

    /// Numbers that are trained.
    package var parameterCount: Int { entries.reduce(0) { $0 + $1.parameter.count } }

    /// The run of numbers that belongs to vectors.
    package var vectorRange: Range<Int> { matrixRange.upperBound..<count }

    package func index(of name: String) -> Int? { places[name] }

    /// A parameter's values; a vector is [1, elements].
    package func value(_ index: Int) -> FloatMatrix { matrix(index, of: values.buffer) }

    /// A parameter's gradient; a vector's is [1, elements].
    package func gradient(_ index: Int) -> FloatMatrix { matrix(index, of: gradients) }

    /// Numbers of a parameter in any buffer of this layout (an optimiser's moments).
    package func matrix(_ index: Int, of buffer: FloatBuffer) -> FloatMatrix {
        let entry = entries[index]
        let shape = entry.parameter.shape
        return FloatMatrix(
            buffer: buffer,
            offset: entry.offset,
            rows: entry.parameter.isMatrix ? shape[0] : 1,
            columns: entry.parameter.isMatrix ? shape.dropFirst().reduce(1, *) : shape.reduce(1, *)
        )
    }

    /// A matrix parameter as weights of a model.
    package func weightMatrix(_ index: Int) -> WeightMatrix {
        let entry = entries[index]
        precondition(entry.parameter.shape.count == 2, "\(entry.name) is no matrix")
        return values.weightMatrix(
            rows: entry.parameter.shape[0],
            columns: entry.parameter.shape[1],
            at: entry.offset
        )
    }

    /// A vector parameter as weights of a model.
    package func weightVector(_ index: Int) -> WeightVector {
        values.weightVector(count: entries[index].parameter.count, at: entries[index].offset)
    }
}
