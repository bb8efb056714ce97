// Students cut from a teacher.

import IQTensor
import IQText
import Testing
import _IQTestSupport

import IQDistillation
import IQModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct StudentTests {
    @Test func layersAreChosenAsThePlanSays() throws {
        #expect(try StudentLayers.first(3).numbers(of: 30) == [0, 1, 2])
        #expect(try StudentLayers.spaced(10).numbers(of: 30) == [0, 3, 6, 10, 13, 16, 19, 23, 26, 29])
        #expect(try StudentLayers.spaced(1).numbers(of: 30) == [0])
        #expect(try StudentLayers.spaced(30).numbers(of: 30) == Array(0..<30))
        #expect(try StudentLayers.chosen([0, 5, 29]).numbers(of: 30) == [0, 5, 29])
        for count in 1...30 {
            let numbers = try StudentLayers.spaced(count).numbers(of: 30)
            #expect(Set(numbers).count == count && numbers.sorted() == numbers)
        }
    }

    @Test(arguments: [
        StudentLayers.first(0), .first(31), .spaced(0), .chosen([]), .chosen([3, 3]), .chosen([-1]), .chosen([30]),
    ])
    func layersThatAreNotThereAreRefused(layers: StudentLayers) {
        #expect(throws: DistillationError.self) { try layers.numbers(of: 30) }
    }

    @Test("a plan that keeps everything keeps the teacher", arguments: ["llama_tied", "qwen2", "gemma3_text"])
    func everything(name: String) throws {
        let (configuration, weights, context) = try teacher(name)
        let plan = StudentPlan(
            layers: .first(configuration.layers),
            feedForwardWidth: configuration.feedForwardWidth
        )
        let student = try plan.student(of: configuration, weights, context: context)
        #expect(student.configuration == configuration)
        let expected = try logits(configuration, weights, context)
        #expect(try logits(student.configuration, student.weights, context) == expected)
    }

    /// Units with zero weights add nothing: a student without them computes what the teacher computes.
    @Test func theWeakestUnitsGoFirst() throws {
        var (configuration, weights, context) = try teacher("llama_tied")
        let width = configuration.feedForwardWidth
        let idle: Set<Int> = [0, 3, width - 1]
        for index in weights.layers.indices {
            let gate = try FloatMatrix(rows: width, columns: configuration.width)
            try context.expand(weights.layers[index].gate.matrix, into: gate)
            var values = gate.values
            for unit in idle {
                for column in 0..<configuration.width { values[unit * configuration.width + column] = 0 }
            }
            weights.layers[index].gate.matrix = try WeightMatrix(
                rows: width,
                columns: configuration.width,
                values: values
            )
        }
        let plan = StudentPlan(layers: .first(configuration.layers), feedForwardWidth: width - idle.count)
        let student = try plan.student(of: configuration, weights, context: context)
        #expect(student.configuration.feedForwardWidth == width - idle.count)
        let expected = try logits(configuration, weights, context)
        let found = try logits(student.configuration, student.weights, context)
        let worst = zip(found, expected).map { abs($0 - $1) }.max() ?? .infinity
        #expect(worst < 1e-5)
        configuration.feedForwardWidth = 0
        #expect(throws: DistillationError.self) {
            try StudentPlan(layers: .first(1), feedForwardWidth: width + 1).student(
                of: student.configuration,
                student.weights,
                context: context
            )
        }
    }

    @Test func aStudentInAFileComputesWhatItDidInMemory() throws {
        let (configuration, weights, context) = try teacher("llama_tied")
        let plan = StudentPlan(layers: .chosen([configuration.layers - 1]), feedForwardWidth: 16)
        let student = try plan.student(of: configuration, weights, context: context)
        let folder = FileManager.default.temporaryDirectory.appending(path: "student-\(UInt64.random(in: 0...(.max)))")
        defer { try? FileManager.default.removeItem(at: folder) }
        try cutStudent(from: GoldenFiles.url("llama_tied"), plan: plan, to: folder, as: .huggingFaceFolder(.f32))
        guard
            case .decoder(let read, let readWeights) = try loadModel(at: folder, precision: .stored, context: context)
                .weights
        else {
            Issue.record("no decoder")
            return
        }
        #expect(read.layers == 1 && read.feedForwardWidth == 16)
        let expected = try logits(student.configuration, student.weights, context)
        #expect(try logits(read, readWeights, context) == expected)
    }

    private func teacher(_ name: String) throws -> (DecoderConfiguration, DecoderWeights, ComputeContext) {
        let context = try ComputeContext(threads: 1)
        let model = try loadModel(at: GoldenFiles.url(name), precision: .stored, context: context)
        guard case .decoder(let configuration, let weights) = model.weights else {
            throw GenerationError.notADecoder(architecture: name)
        }
        return (configuration, weights, context)
    }

    private func logits(
        _ configuration: DecoderConfiguration,
        _ weights: DecoderWeights,
        _ context: ComputeContext
    ) throws -> [Float] {
        let model = try DecoderModel(configuration: configuration, weights: weights)
        let step = TrainingStep(context: context, precision: .f32)
        let pass = try DecoderTrainingPass(model: model, capacity: 8, recording: .nothing, step: step)
        var batch = PackedBatch()
        batch.append([5, 9, 40, 3])
        let head = try VocabularyHead(model: model, rows: 4, step: step)
        let stream = try pass.forward(batch)
        return try head.mostLikely(configuration.vocabularySize, stream, rows: [0, 1, 2, 3])
            .flatMap { distribution in
                zip(distribution.tokens, distribution.logProbabilities).sorted { $0.0 < $1.0 }.map(\.1)
            }
    }
}
