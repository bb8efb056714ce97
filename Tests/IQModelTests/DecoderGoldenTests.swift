// The tiny recorded models: logits and greedy continuations equal PyTorch's, for every family and instruction level.

import IQTensor
import IQText
import Testing
import _IQTestSupport

import IQModel

@Suite struct DecoderGoldenTests {
    /// PyTorch's own difference between two ways of computing the same logits is about 1e-6.
    static let limit = 2e-5

    struct Golden: Decodable {
        var greedy_from_first5_of_row0_16new: [TokenID]
        var input_ids: [[TokenID]]
    }

    @Test(arguments: TestModel.tiny, InstructionLevel.supported)
    func logitsEqualPyTorch(name: String, level: InstructionLevel) throws {
        let runner = try TestModel.tinyRunner(name, level: level)
        let tensors = try GoldenTensors(contentsOf: GoldenFiles.url("\(name)/io.safetensors"))
        let expected = try #require(tensors["logits"])
        let ids = try #require(tensors["input_ids"])
        let length = ids.shape[1]
        for row in 0..<ids.shape[0] {
            let logits = try runner.allLogits(Array(ids.integers[(row * length)..<((row + 1) * length)]))
            for position in 0..<length {
                let difference = relativeDifference(logits.row(position), expected.row(row * length + position))
                #expect(difference < Self.limit, "sequence \(row), position \(position)")
            }
        }
    }

    /// The recorded batch was padded on the left; ours is packed, so the padding is simply not there.
    @Test(arguments: TestModel.tiny)
    func packedBatchEqualsPaddedBatch(name: String) throws {
        let runner = try TestModel.tinyRunner(name)
        let tensors = try GoldenTensors(contentsOf: GoldenFiles.url("\(name)/io.safetensors"))
        let ids = try #require(tensors["input_ids_leftpad"])
        let mask = try #require(tensors["attention_mask_leftpad"])
        let expected = try #require(tensors["logits_leftpad"])
        let length = ids.shape[1]
        var recordedRows: [Int] = []
        for row in 0..<ids.shape[0] {
            let kept = (0..<length).filter { mask.integers[row * length + $0] == 1 }
            recordedRows += kept.map { row * length + $0 }
            let tokens = kept.map { ids.integers[row * length + $0] }
            try runner.batch.append(tokens, to: runner.makeCache(), outputs: .all)
        }
        let logits = try runner.step()
        for (row, recorded) in recordedRows.enumerated() {
            #expect(relativeDifference(logits.row(row), expected.row(recorded)) < Self.limit)
        }
    }

    @Test(arguments: TestModel.tiny, InstructionLevel.supported)
    func greedyContinuationEqualsPyTorch(name: String, level: InstructionLevel) throws {
        let runner = try TestModel.tinyRunner(name, level: level)
        let golden = try TestModel.golden("\(name)/golden.json", as: Golden.self)
        var tokens = Array(golden.greedy_from_first5_of_row0_16new.prefix(5))
        let cache = runner.makeCache()
        var next = try runner.prefill(tokens, into: cache).argmax(row: 0)
        while tokens.count < golden.greedy_from_first5_of_row0_16new.count {
            tokens.append(next)
            try runner.batch.append(CollectionOfOne(next), to: cache, outputs: .last)
            next = try runner.step().argmax(row: 0)
        }
        #expect(tokens == golden.greedy_from_first5_of_row0_16new)
    }
}
