// An encoder whose weights, or some of them, are being trained.

package import IQTensor

/// The weights in training, a model that computes with them, and the places of their gradients.
///
/// Trained weights are copied to f32 memory of their own; frozen ones stay where and as they are. Not Sendable: model and
/// parameters change together and belong to one trainer.
package final class TrainableEncoder {
    package let configuration: EncoderConfiguration
    /// Under the names of ``EncoderParameter/fileName(in:)``.
    package let parameters: TrainableParameters
    /// Computes with the weights as they are now.
    package let model: EncoderModel
    package let gradients: EncoderGradients

    /// - Parameters:
    ///   - weights: where training starts; see ``EncoderWeights/addingClassifier(labels:to:seed:)`` for a new head.
    ///   - isTrained: which parameters learn; all by default.
    package init(
        configuration: EncoderConfiguration,
        weights: EncoderWeights,
        isTrained: (EncoderParameter) -> Bool = { _ in true },
        context: ComputeContext
    ) throws {
        self.configuration = configuration
        let trained = weights.parameters(in: configuration).filter { isTrained($0.parameter) }
        let parameters = try TrainableParameters(
            trained.map { TrainableParameter(name: $0.name, shape: $0.value.shape) }
        )
        self.parameters = parameters
        let indices = Dictionary(uniqueKeysWithValues: zip(trained.map(\.parameter), trained.indices))
        for (index, entry) in trained.enumerated() {
            switch entry.value {
            case .matrix(let matrix): try context.expand(matrix, into: parameters.value(index))
            case .vector(let vector):
                parameters.value(index).withRow(0) { _ = $0.update(from: vector.values) }
            }
        }
        let current = EncoderWeights(
            in: configuration,
            hasPooler: weights.pooler != nil,
            matrix: { parameter in
                if let index = indices[parameter] { return parameters.weightMatrix(index) }
                guard case .matrix(let matrix) = weights[parameter] else {
                    preconditionFailure("no matrix \(parameter) in these weights")
                }
                return matrix
            },
            vector: { parameter in
                if let index = indices[parameter] { return parameters.weightVector(index) }
                guard case .vector(let vector) = weights[parameter] else {
                    preconditionFailure("no vector \(parameter) in these weights")
                }
                return vector
            }
        )
        model = EncoderModel(configuration: configuration, weights: current)
        var gradients = EncoderGradients(layers: configuration.layers)
        for (parameter, index) in indices { gradients[parameter] = parameters.gradient(index) }
        self.gradients = gradients
    }

    /// The weights as they are now, views of the memory in training: write or copy them before the next step.
    package var currentWeights: EncoderWeights { model.weights }
}

extension EncoderWeights {
    /// These weights with a new classification head, and their configuration with its classes: weights of the normal
    /// distribution with deviation 0.02 and biases of 0, as BERT begins (Devlin et al., arXiv 1810.04805). A pooler that is
    /// missing, or that RoBERTa trains anew for each task, is made likewise.
    package func addingClassifier(
        labels: [String],
        to configuration: EncoderConfiguration,
        seed: UInt64
    ) throws -> (EncoderConfiguration, EncoderWeights) {
        precondition(!labels.isEmpty, "a classification head without classes")
        var configuration = configuration
        var weights = self
        configuration.labels = labels
        let width = configuration.width
        func linear(rows: Int, stream: UInt64) throws -> LinearWeights {
            var random = RandomStream(seed: seed, stream: stream)
            var values = [Float](repeating: 0, count: rows * width)
            values.withUnsafeMutableBufferPointer { random.fillNormal($0, standardDeviation: 0.02) }
            return LinearWeights(
                try WeightMatrix(rows: rows, columns: width, values: values),
                bias: try WeightVector([Float](repeating: 0, count: rows))
            )
        }
        if pooler == nil || configuration.family == .roberta { weights.pooler = try linear(rows: width, stream: 0) }
        weights.classifier = try linear(rows: labels.count, stream: 1)
        return (configuration, weights)
    }
}
