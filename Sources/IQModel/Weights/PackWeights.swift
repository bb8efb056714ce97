// A decoder's weights in the layout that products of inference want.

package import IQTensor

extension DecoderWeights {
    /// The same weights with every matrix packed for which the context's level has a layout in products of this kind; the others
    /// stay as they are. Values are kept exactly.
    ///
    /// Takes the memory of the matrices once more, and gives back what is mapped from a file. Packed weights are for inference:
    /// they are neither trained nor written to files.
    package func packed(
        for product: QuantizedProduct,
        in configuration: DecoderConfiguration,
        on context: ComputeContext
    ) throws -> DecoderWeights {
        var names: [DecoderParameter] = []
        var matrices: [WeightMatrix] = []
        for (_, parameter, value) in parameters(in: configuration) {
            guard case .matrix(let matrix) = value, context.packs(matrix, for: product) else { continue }
            names.append(parameter)
            matrices.append(matrix)
        }
        let packed = Dictionary(uniqueKeysWithValues: zip(names, try context.packed(matrices)))
        return try DecoderWeights(
            in: configuration,
            matrix: { parameter throws -> WeightMatrix in
                if let matrix = packed[parameter] { return matrix }
                guard case .matrix(let matrix) = self[parameter] else {
                    preconditionFailure("\(parameter) is no matrix of these weights")
                }
                return matrix
            },
            vector: { parameter throws -> WeightVector in
                guard case .vector(let vector) = self[parameter] else {
                    preconditionFailure("\(parameter) is no vector of these weights")
                }
                return vector
            }
        )
    }
}
