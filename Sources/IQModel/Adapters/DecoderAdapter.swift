// The low-rank adapters of one decoder.

package import IQTensor

/// Adapters of a decoder's linear layers. The decoder's own weights are not part of it and are never changed by it.
package struct DecoderAdapter: Sendable {
    /// How the adapters were made.
    package let options: LoRAOptions
    private let adapters: [AdapterSite: LowRankAdapter]

    package init(options: LoRAOptions, adapters: [AdapterSite: LowRankAdapter]) {
        self.options = options
        self.adapters = adapters
    }

    package subscript(site: AdapterSite) -> LowRankAdapter? { adapters[site] }

    /// The adapted places, layer by layer.
    package var sites: [AdapterSite] { adapters.keys.sorted() }

    /// Numbers that A and B hold together.
    package var parameterCount: Int {
        adapters.values.reduce(0) { $0 + $1.down.rows * $1.down.columns + $1.up.rows * $1.up.columns }
    }

    /// Shapes of A and B at a place.
    package static func shapes(
        at site: AdapterSite,
        rank: Int,
        in configuration: DecoderConfiguration
    ) -> (down: [Int], up: [Int]) {
        let shape = site.parameter.shape(in: configuration)
        return ([rank, shape[1]], [shape[0], rank])
    }

    /// Fills A as training begins: uniform within ±1/√(input features), which is PEFT's Kaiming initialisation with a = √5.
    /// Each place draws from a stream of its own, so that its numbers do not depend on which others are adapted. (B begins
    /// at 0, so that the decoder is unchanged at first.)
    package static func fillInitialDown(_ down: FloatMatrix, at site: AdapterSite, seed: UInt64) {
        var random = RandomStream(seed: seed, stream: UInt64(site.number))
        let bound = 1 / Float(down.columns).squareRoot()
        for row in 0..<down.rows {
            down.withRow(row) { values in
                for index in values.indices { values[index] = (2 * random.uniformFloat() - 1) * bound }
            }
        }
    }
}

extension DecoderWeights {
    /// New weights W + scale · B · A in f32 for the adapted linear layers. These weights are not changed; what is not
    /// adapted shares their memory. Taking the adapter out again is to use these weights.
    package func merged(
        with adapter: DecoderAdapter,
        in configuration: DecoderConfiguration,
        context: ComputeContext
    ) throws -> DecoderWeights {
        var result = self
        for site in adapter.sites {
            guard let change = adapter[site] else { continue }
            let path = site.projection.weightsPath
            let base = layers[site.layer][keyPath: path]
            let sum = try MutableStorage(count: base.matrix.rows * base.matrix.columns)
            let matrix = sum.matrix(rows: base.matrix.rows, columns: base.matrix.columns, at: 0)
            try context.expand(base.matrix, into: matrix)
            let up = try FloatMatrix(rows: change.up.rows, columns: change.up.columns)
            try context.expand(change.up, into: up)
            try context.multiply(up, change.down, alpha: change.scale, beta: 1, into: matrix)
            // From here on nobody writes: the memory lives as long as the weights that view it.
            result.layers[site.layer][keyPath: path].matrix = sum.weightMatrix(
                rows: matrix.rows,
                columns: matrix.columns,
                at: 0
            )
        }
        return result
    }
}

extension AdaptedProjection {
    var weightsPath: WritableKeyPath<DecoderLayerWeights, LinearWeights> {
        switch self {
        case .query: \.query
        case .key: \.key
        case .value: \.value
        case .output: \.output
        case .gate: \.gate
        case .up: \.up
        case .down: \.down
        }
    }
}
