// The loss and its gradient through whole models: against the definitions, against finite differences, and what they may not
// depend on.

import IQDistillation
import IQModel
import IQTensor
import IQText
import IQTraining
import Testing
import _IQTestSupport

@Suite struct DistillationUpdaterTests {
    /// A student, its teachers, and what judges them.
    struct Pair {
        let session: TrainingSession
        let teachers: [TeacherModel]
        let updater: DistillationUpdater

        init(_ objective: DistillationObjective, microBatch: Int = 256) throws {
            session = try TinyStudent.session(microBatch: microBatch)
            teachers = [
                try TeacherModel(name: "a", modelAt: try TinyStudent.teacher.get(), for: session),
                try TeacherModel(name: "b", modelAt: try TinyStudent.otherTeacher.get(), for: session),
            ]
            updater = DistillationUpdater(session: session, teachers: teachers, objective: objective)
        }

        /// The summed loss's gradient in all weights, which are as before.
        func gradient(_ groups: [DistillationGroup]) throws -> [Double] {
            _ = try updater.accumulate(groups)
            let values = session.decoder.parameters.gradients.withFloats { $0.map(Double.init) }
            try session.discard()
            return values
        }

        /// Moves all weights by a multiple of a direction.
        func move(_ distance: Double, along direction: [Double]) {
            session.decoder.parameters.values.buffer.withFloats { values in
                for index in direction.indices { values[index] += Float(distance * direction[index]) }
            }
        }

        /// log p of every token behind every prefix of a completion, from one target for each: an independent road to what
        /// the divergences are made of.
        func distributions(
            _ pass: DecoderTrainingPass,
            _ head: VocabularyHead,
            prompt: [TokenID],
            completion: [TokenID],
            temperature: Float
        ) throws -> [[Double]] {
            var batch = PackedBatch()
            batch.append(prompt + completion.dropLast())
            let stream = try pass.forward(batch)
            return try completion.indices.map { place in
                var targets = TokenTargets()
                for token in 0..<97 { targets.append(row: prompt.count - 1 + place, token: TokenID(token)) }
                return try head.statistics(stream, targets: targets, temperature: temperature).logProbabilities
                    .map(Double.init)
            }
        }

        /// The summed divergence by its definition.
        func definition(_ groups: [DistillationGroup], _ objective: DistillationObjective) throws -> Double {
            var sum = 0.0
            for group in groups {
                for completion in group.completions {
                    let temperature = Float(objective.temperature)
                    let own = try distributions(
                        session.pass,
                        session.head,
                        prompt: group.prompt,
                        completion: completion,
                        temperature: temperature
                    )
                    let teacher = teachers[group.teacher]
                    let other = try distributions(
                        teacher.pass,
                        teacher.head,
                        prompt: group.teacherPrompt ?? group.prompt,
                        completion: completion,
                        temperature: temperature
                    )
                    sum += zip(own, other).reduce(0) { $0 + Self.divergence(objective.divergence, $1.0, $1.1) }
                }
            }
            return sum
        }

        /// From the formulas of GKD (arXiv 2306.13649) and DistiLLM (arXiv 2402.03898).
        static func divergence(_ divergence: Divergence, _ student: [Double], _ teacher: [Double]) -> Double {
            func kl(_ p: [Double], _ q: [Double]) -> Double {
                zip(p, q).reduce(0.0) { (sum: Double, pair: (Double, Double)) in
                    sum + exponential(pair.0) * (pair.0 - pair.1)
                }
            }
            func mixture(_ p: [Double], _ share: Double, _ q: [Double]) -> [Double] {
                zip(p, q).map { (a: Double, b: Double) in
                    naturalLogarithm(share * exponential(a) + (1 - share) * exponential(b))
                }
            }
            switch divergence {
            case .reverseKL: return kl(student, teacher)
            case .forwardKL: return kl(teacher, student)
            case .jensenShannon(let beta):
                let mean = mixture(teacher, beta, student)
                return beta * kl(teacher, mean) + (1 - beta) * kl(student, mean)
            case .skewedForwardKL(let alpha): return kl(teacher, mixture(teacher, alpha, student))
            case .skewedReverseKL(let alpha): return kl(student, mixture(student, alpha, teacher))
            }
        }
    }

    /// Three prompts with two completions each; the second has a teacher of its own, and a prompt for it.
    static let groups: [DistillationGroup] = {
        var random = RandomStream(seed: 8)
        func tokens(_ count: Int) -> [TokenID] { (0..<count).map { _ in TokenID(random.uniform(below: 96)) } }
        return (0..<3).map { group in
            DistillationGroup(
                teacher: group == 1 ? 1 : 0,
                prompt: tokens(4 + group),
                teacherPrompt: group == 1 ? tokens(9) : nil,
                completions: [tokens(3 + group), tokens(6)]
            )
        }
    }()

    static let divergences: [Divergence] = [
        .reverseKL, .forwardKL, .jensenShannon(beta: 0.3), .skewedReverseKL(alpha: 0.1), .skewedForwardKL(alpha: 0.2),
    ]

    static func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }

    @Test(arguments: divergences, [1, 1.7])
    func `the loss over the vocabulary is the definition's`(divergence: Divergence, temperature: Double) throws {
        let objective = try DistillationObjective(divergence, temperature: temperature)
        let pair = try Pair(objective)
        let expected = try pair.definition(Self.groups, objective)
        #expect(expected > 0.01)
        #expect(abs(try pair.updater.divergence(Self.groups) - expected) < 2e-5 * max(1, expected))
        let update = try #require(try pair.updater.update(Self.groups, step: 1, learningRate: 0))
        let tokens = Double(Self.groups.reduce(0) { $0 + $1.tokens })
        #expect(abs(try #require(update.loss) - expected / tokens) < 2e-5 * max(1, expected / tokens))
    }

    @Test(arguments: divergences)
    func `the gradient is the slope of the loss`(divergence: Divergence) throws {
        let pair = try Pair(try DistillationObjective(divergence))
        let gradient = try pair.gradient(Self.groups)
        let norm = Self.norm(gradient)
        var random = RandomStream(seed: 4)
        let other = gradient.map { _ in random.uniform() - 0.5 }
        let mixed = zip(gradient, other).map { $0 / norm + 2 * $1 / Self.norm(other) }
        for direction in [gradient.map { $0 / norm }, mixed] {
            let expected = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
            let distance = 2e-3
            pair.move(distance, along: direction)
            let above = try pair.updater.divergence(Self.groups)
            pair.move(-2 * distance, along: direction)
            let below = try pair.updater.divergence(Self.groups)
            pair.move(distance, along: direction)
            let slope = (above - below) / (2 * distance)
            #expect(abs(slope - expected) < 5e-3 * abs(expected), "\(slope) and \(expected)")
        }
    }

    /// With a bucket for each token there is no rest to lump together.
    @Test(arguments: divergences)
    func `as many likely tokens as the vocabulary has are the vocabulary`(divergence: Divergence) throws {
        let exact = try Pair(try DistillationObjective(divergence)).gradient(Self.groups)
        let all = try Pair(try DistillationObjective(divergence, over: .mostLikely(97))).gradient(Self.groups)
        let difference = Self.norm(zip(exact, all).map { $0 - $1 })
        #expect(difference < 1e-4 * Self.norm(exact))
    }

    /// What a bucket holds together cannot differ inside it: by the data-processing inequality fewer buckets show less.
    @Test func `fewer buckets show less`() throws {
        var values: [Double] = []
        for count in [1, 4, 16, 97] {
            let pair = try Pair(try DistillationObjective(.reverseKL, over: .mostLikely(count)))
            values.append(try #require(try pair.updater.update(Self.groups, step: 1, learningRate: 0)?.loss))
        }
        #expect(values == values.sorted())
        #expect(values[0] > 0 && values[0] < 0.9 * values[3])
    }

    /// Means of losses and gradients over the student's own samples, against the exact ones within four standard errors.
    @Test func `the estimate from samples has the exact mean`() throws {
        let prompt: [TokenID] = [5, 17, 80, 33]
        let exact = try Pair(try DistillationObjective(.reverseKL))
        let sampled = try Pair(try DistillationObjective(.reverseKL, over: .sampledToken))
        let one = [DistillationGroup(prompt: prompt, completions: [[0]])]
        let value = try exact.updater.divergence(one)
        let slope = try exact.gradient(one)
        let norm = Self.norm(slope)
        let logs = try exact.distributions(
            exact.session.pass,
            exact.session.head,
            prompt: prompt,
            completion: [0],
            temperature: 1
        )[0]
        var random = RandomStream(seed: 12)
        func draw() -> TokenID {
            var rest = random.uniform()
            for (token, log) in logs.enumerated() {
                rest -= exponential(log)
                if rest < 0 { return TokenID(token) }
            }
            return 96
        }
        var (losses, slopes): ([Double], [Double]) = ([], [])
        let size = 200
        for _ in 0..<40 {
            let groups = [DistillationGroup(prompt: prompt, completions: (0..<size).map { _ in [draw()] })]
            let gradient = try sampled.gradient(groups)
            slopes.append(zip(gradient, slope).reduce(0) { $0 + $1.0 * $1.1 } / norm / Double(size))
            let loss = try #require(try sampled.updater.update(groups, step: 1, learningRate: 0)?.loss)
            losses.append(loss)
        }
        for (found, expected) in [(losses, value), (slopes, norm)] {
            let count = Double(found.count)
            let mean = found.reduce(0, +) / count
            let variance = found.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
            let error = (variance / count).squareRoot()
            #expect(abs(mean - expected) < 4 * error, "\(mean) ± \(error) for \(expected)")
            #expect(error < 0.1 * expected)
        }
    }

    @Test(arguments: [DivergenceSupport.vocabulary, .mostLikely(5), .sampledToken])
    func `an update does not depend on micro-batches or order`(support: DivergenceSupport) throws {
        let objective = try DistillationObjective(.reverseKL, over: support)
        let whole = try Pair(objective).gradient(Self.groups)
        for (groups, size) in [(Self.groups, 14), (Self.groups, 24), (Self.groups.reversed(), 256)] {
            let pair = try Pair(objective, microBatch: size)
            let split = try pair.gradient(groups)
            #expect(Self.norm(zip(whole, split).map { $0 - $1 }) < 1e-5 * Self.norm(whole))
        }
    }

    /// A teacher's own prompt that says the same gives the same.
    @Test func `a teacher reads its own prompt`() throws {
        let pair = try Pair(try DistillationObjective())
        var same = Self.groups[0]
        same.teacherPrompt = same.prompt
        let value = try pair.updater.divergence([Self.groups[0]])
        #expect(abs(try pair.updater.divergence([same]) - value) < 1e-5 * value)
        same.teacherPrompt = [1, 2, 3]
        #expect(abs(try pair.updater.divergence([same]) - value) > 1e-3 * value)
    }

    @Test func `a student equal to its teacher has nothing to learn`() throws {
        let session = try TinyStudent.session()
        let teacher = try TeacherModel(name: "same", modelAt: try TinyStudent.student.get(), for: session)
        let updater = DistillationUpdater(session: session, teachers: [teacher], objective: try DistillationObjective())
        let group = DistillationGroup(prompt: [3, 4], completions: [[5, 6, 7]])
        #expect(abs(try updater.divergence([group])) < 1e-6)
        let update = try updater.update([group], step: 1, learningRate: 0)
        #expect(try #require(update?.gradientNorm) < 1e-5)
    }

    @Test func `without a token there is no step`() throws {
        let pair = try Pair(try DistillationObjective())
        let groups = [DistillationGroup(prompt: [1, 2], completions: [[], []])]
        let update = try pair.updater.update(groups, step: 1, learningRate: 1)
        #expect(update?.isApplied == false && update?.loss == nil && update?.rows == 0)
        #expect(try pair.updater.update(Self.groups, step: 1, learningRate: 1, isCancelled: { true }) == nil)
    }
}
