// What a generation needs at least, counted by hand for a model of two layers, and the loss of a passage.

import IQModel
import IQTensor
import Testing
import _IQTestSupport

@Suite("Cost of a generation")
struct GenerationCostTests {
    private func extent() -> DecoderExtent {
        var extent = DecoderExtent()
        extent.layerWeights = 1000
        extent.layerBytes = 4000
        extent.headWeights = 100
        extent.headBytes = 400
        extent.cacheBytesPerToken = 10
        extent.operationsPerKey = 6
        extent.outputWeights = 400
        extent.outputOperationsPerKey = 3
        return extent
    }

    /// 5 tokens see 1 + 2 + 3 + 4 + 5 keys; one row has logits, and in the last layer the other four need keys and values alone.
    @Test func prefillReadsWeightsOnce() {
        let cost = extent().prefill(tokens: 5)
        #expect(cost.bytes == 4450)  // 4000 + 400 + 5 * 10
        #expect(cost.operations == 7060)  // 2 * (1000 * 5 - 400 * 4 + 100) + 6 * 15 - 3 * 10
    }

    /// Two steps of three continuations of 7 tokens: the prompt's keys are read once a step, each continuation's own besides.
    @Test func groupSharesWeightsAndPrompt() {
        let cost = extent().decode(promptTokens: 7, group: 3, steps: 2)
        #expect(cost.bytes == 9030)  // 2 * 4400 + 10 * ((7 + 3) + (7 + 6))
        #expect(cost.operations == 13_506)  // 3 * (2 * 2 * 1100 + 6 * (8 + 9))
    }

    @Test func slowerLimitBounds() {
        let cost = GenerationCost(bytes: 100, operations: 50)
        let slowMemory = MachineLimits(bytesPerSecond: 10, operationsPerSecond: 10)
        #expect(cost.seconds(at: slowMemory) == 10 && cost.isBoundByMemory(at: slowMemory))
        let slowArithmetic = MachineLimits(bytesPerSecond: 1000, operationsPerSecond: 10)
        #expect(cost.seconds(at: slowArithmetic) == 5 && !cost.isBoundByMemory(at: slowArithmetic))
    }
}
