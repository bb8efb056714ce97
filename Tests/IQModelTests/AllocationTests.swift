// Decoding asks the heap for nothing once it is warm.

import IQTensor
import IQText
import Testing
import _IQTestSupport

import IQModel

@Suite struct AllocationTests {
    /// Counts allocations of `steps` decoding steps after `warmUp` ones.
    private func allocations(
        _ runner: DecoderRunner,
        groupSize: Int,
        temperature: Float,
        warmUp: Int = 12,
        steps: Int = 40
    ) throws -> (swift: Int, kernels: Int) {
        let options = try GenerationOptions(
            maximumTokens: 100,
            sampling: try SamplingOptions(temperature: temperature, topK: 20, topP: 0.95)
        )
        let request = try GenerationRequest(
            prompts: [[5, 6, 7, 8]],
            groupSize: groupSize,
            options: options,
            endTokens: []
        )
        let session = try GenerationSession(request, runner: runner, tokenizer: nil)
        var tokens = 0
        for _ in 0..<warmUp { _ = try session.step { _ in tokens += 1 } }
        let scratch = runner.context.scratchAllocations
        let count = try AllocationCounter.count {
            for _ in 0..<steps { _ = try session.step { _ in tokens += 1 } }
        }
        #expect(tokens >= steps * groupSize)
        return (count, runner.context.scratchAllocations - scratch)
    }

    @Test(.enabled(if: AllocationCounter.works, "the allocator cannot be counted here"), arguments: [1, 8])
    func warmDecodingAllocatesNothing(groupSize: Int) throws {
        for name in TestModel.tiny {
            for temperature in [Float(0), 0.8] {
                let count = try allocations(
                    try TestModel.tinyRunner(name),
                    groupSize: groupSize,
                    temperature: temperature
                )
                #expect(count.swift == 0, "\(name), temperature \(temperature)")
                #expect(count.kernels == 0, "\(name), temperature \(temperature)")
            }
        }
    }

    @Test(.enabled(if: AllocationCounter.works, "the allocator cannot be counted here"), arguments: [1, 8])
    func warmDecodingWithAnAdapterAllocatesNothing(groupSize: Int) throws {
        let fixture = try AdapterFixture()
        let runner = try DecoderRunner(decoder: fixture.base.with(fixture.adapter), context: fixture.context)
        let count = try allocations(runner, groupSize: groupSize, temperature: 0.8)
        #expect(count.swift == 0)
        #expect(count.kernels == 0)
    }

    @Test(.enabled(if: AllocationCounter.works, "the allocator cannot be counted here"))
    func theCounterCounts() {
        var kept: [[Int]] = []
        let count = AllocationCounter.count { for size in 1...10 { kept.append(Array(repeating: 1, count: size)) } }
        #expect(count >= 10)
        #expect(kept.count == 10)
    }
}
