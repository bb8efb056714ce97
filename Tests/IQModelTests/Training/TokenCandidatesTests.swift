// Several tokens of each row: the same numbers and gradients as one row for each token.

import IQTensor
import IQText
import Testing
import _IQTestSupport

import IQModel

@Suite struct TokenCandidatesTests {
    @Test(arguments: TestModel.tiny, [Float(1), 0.7])
    func candidatesOfARowAreRowsOfTheirOwn(name: String, temperature: Float) throws {
        // Two rows in a block, so that there are several.
        let bench = try TrainingBench(name, blockBytes: 97 * 4 * 2)
        var batch = PackedBatch()
        batch.append([3, 14, 15, 9, 26])
        let rows: [Int32] = [0, 2, 3, 3]
        let candidates: [[TokenID]] = [[7, 0, 50], [96], [], [1, 2, 3, 4]]
        let derivatives: [[Float]] = [[1, -2, 0.5], [3], [], [-1, 1, 0.25, 0]]

        var targets = TokenTargets()
        for (row, tokens) in zip(rows, candidates) {
            for token in tokens { targets.append(row: Int(row), token: token) }
        }
        let expected = try gradients(bench, batch) { stream, dstream in
            try bench.head.backward(
                stream,
                targets: targets,
                temperature: temperature,
                addingTo: dstream,
                gradients: bench.decoder.gradients
            ) { places, _ in
                TokenGradients(logProbabilities: Array(derivatives.flatMap { $0 }[places]))
            }.logProbabilities
        }
        var seen: [Float] = []
        let found = try gradients(bench, batch) { stream, dstream in
            try bench.head.backward(
                stream,
                rows: rows,
                candidates: candidates,
                temperature: temperature,
                addingTo: dstream,
                gradients: bench.decoder.gradients
            ) { places, logProbabilities in
                seen += logProbabilities.flatMap { $0 }
                return Array(derivatives[places])
            }
            return seen
        }
        #expect(found.0 == expected.0)
        for (name, gradient) in expected.1 {
            #expect(relativeNormDifference(found.1[name] ?? [], gradient) < 1e-5, "\(name)")
        }
    }

    private func gradients(
        _ bench: TrainingBench,
        _ batch: PackedBatch,
        head: (FloatMatrix, FloatMatrix) throws -> [Float]
    ) throws -> ([Float], [String: [Float]]) {
        try bench.context.clear(bench.decoder.parameters.gradients)
        let stream = try bench.pass.forward(batch)
        let dstream = try FloatMatrix(rows: batch.rows, columns: bench.decoder.configuration.width)
        let values = try head(stream, dstream)
        try bench.pass.backward(dstream, batch: batch, gradients: bench.decoder.gradients)
        return (values, bench.gradients)
    }

    @Test func theMostLikelyTokensComeInOrder() throws {
        let bench = try TrainingBench("qwen2")
        var batch = PackedBatch()
        batch.append([3, 14, 15])
        let stream = try bench.pass.forward(batch)
        let all = try bench.head.mostLikely(bench.decoder.configuration.vocabularySize, stream, rows: [2])[0]
        let total = all.logProbabilities.reduce(0) { $0 + exponential(Double($1)) }
        #expect(abs(total - 1) < 1e-5)
        #expect(zip(all.logProbabilities, all.logProbabilities.dropFirst()).allSatisfy { $0 >= $1 })
        #expect(Set(all.tokens).count == bench.decoder.configuration.vocabularySize)
        let few = try bench.head.mostLikely(5, stream, rows: [2])[0]
        #expect(few.tokens == Array(all.tokens.prefix(5)))
        var targets = TokenTargets()
        targets.append(row: 2, token: few.tokens[4])
        #expect(try bench.head.statistics(stream, targets: targets).logProbabilities == [few.logProbabilities[4]])
    }
}
