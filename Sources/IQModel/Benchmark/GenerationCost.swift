// What a generation needs of the machine at least: bytes and operations, and the time that these take at its limits.

package import IQTensor

/// Bytes to read and operations to do in a part of a generation.
package struct GenerationCost: Sendable, Hashable {
    /// Bytes of weights and cached keys and values that must be read, each once a step; a prompt that a group shares counts once a step.
    package var bytes = 0.0
    /// Multiplications and additions: two for each weight and token, and attention's.
    package var operations = 0.0

    package init(bytes: Double = 0, operations: Double = 0) {
        self.bytes = bytes
        self.operations = operations
    }

    /// The least seconds that this takes.
    package func seconds(at limits: MachineLimits) -> Double {
        max(bytes / limits.bytesPerSecond, operations / limits.operationsPerSecond)
    }

    /// True if reading takes longer than computing.
    package func isBoundByMemory(at limits: MachineLimits) -> Bool {
        bytes / limits.bytesPerSecond > operations / limits.operationsPerSecond
    }
}

/// What a machine was measured to reach.
package struct MachineLimits: Sendable, Hashable {
    package var bytesPerSecond: Double
    package var operationsPerSecond: Double

    package init(bytesPerSecond: Double, operationsPerSecond: Double) {
        self.bytesPerSecond = bytesPerSecond
        self.operationsPerSecond = operationsPerSecond
    }
}

/// What bounds a decoder's steps: weights in the layers and in the output head, and the width of its caches.
package struct DecoderExtent: Sendable, Hashable {
    package var layerWeights = 0
    package var layerBytes = 0
    package var headWeights = 0
    package var headBytes = 0
    /// Of one token, over all layers.
    package var cacheBytesPerToken = 0
    /// Multiplications and additions of one query with one key and its value, over all heads and layers.
    package var operationsPerKey = 0
    /// Of `layerWeights`, those of the last layer that only rows with logits need: all but keys and values.
    package var outputWeights = 0
    /// Of `operationsPerKey`, the last layer's, which only rows with logits need.
    package var outputOperationsPerKey = 0

    package init() {}

    package init(configuration: DecoderConfiguration, weights: DecoderWeights, cacheFormat: CacheFormat) {
        for layer in weights.layers {
            for linear in [layer.query, layer.key, layer.value, layer.output, layer.gate, layer.up, layer.down] {
                layerWeights += linear.matrix.rows * linear.matrix.columns
                layerBytes += linear.matrix.byteCount
            }
        }
        if let last = weights.layers.last {
            for linear in [last.query, last.output, last.gate, last.up, last.down] {
                outputWeights += linear.matrix.rows * linear.matrix.columns
            }
        }
        let head = weights.outputHead ?? weights.embedding
        headWeights = head.rows * head.columns
        headBytes = head.byteCount
        cacheBytesPerToken = KVCacheShape(configuration: configuration, format: cacheFormat).bytesPerToken
        outputOperationsPerKey = 4 * configuration.heads * configuration.headDimension
        operationsPerKey = outputOperationsPerKey * configuration.layers
    }

    /// Reading a prompt in one step, with logits of its last token.
    package func prefill(tokens: Int) -> GenerationCost {
        let weights = layerWeights * tokens - outputWeights * (tokens - 1) + headWeights
        let keys = operationsPerKey * (tokens * (tokens + 1) / 2) - outputOperationsPerKey * (tokens * (tokens - 1) / 2)
        return GenerationCost(
            bytes: Double(layerBytes + headBytes + tokens * cacheBytesPerToken),
            operations: Double(2 * weights + keys)
        )
    }

    /// Writing `steps` tokens of each of `group` continuations of a prompt, from the second token of each on.
    package func decode(promptTokens: Int, group: Int, steps: Int) -> GenerationCost {
        var cost = GenerationCost()
        for step in 1...max(1, steps) {
            // Behind the prompt, a step sees as many keys of its own.
            cost.bytes += Double(layerBytes + headBytes + (promptTokens + group * step) * cacheBytesPerToken)
            cost.operations +=
                Double(group)
                * (2 * Double(layerWeights + headWeights) + Double(operationsPerKey) * Double(promptTokens + step))
        }
        return cost
    }
}
