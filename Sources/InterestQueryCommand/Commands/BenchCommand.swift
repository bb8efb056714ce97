// `interest-query bench`: our side of the comparisons in Benchmarks/peers, one JSON line a round.

internal import ArgumentParser
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure this library on a given work, for comparison with others.",
        discussion: """
            Prints a line of JSON for every round: the figure of each step, their median and spread, and the peak of memory. \
            Benchmarks/peers/compare runs this and other libraries in turn; figures of two runs cannot be compared.
            """,
        shouldDisplay: false
    )

    enum Workload: String, ExpressibleByArgument, CaseIterable {
        /// Reading a prompt of 512 tokens.
        case prefill = "W1"
        /// Writing 128 tokens, one sequence.
        case decode = "W2"
        /// Writing 64 tokens of each of 8 continuations of a prompt of 256 tokens.
        case group = "W3"
        /// The same with 32 continuations.
        case largeGroup = "W4"
        /// A training step of one sequence with AdamW.
        case trainingStep = "W5"
        /// A GRPO step of one prompt, all weights trained.
        case policyStep = "W6"
        /// The same with adapters.
        case adapterPolicyStep = "W6L"
        /// A step of on-policy distillation of eight prompts.
        case distillation = "W7"
        /// Lists for many people, each with a prompt of its own.
        case serving = "W8"
        /// The ten nearest of many vectors.
        case retrieval = "W9"
        /// Sentence vectors of the lines of a text.
        case embedding = "embed"
        /// The matrix products of a decoder.
        case kernels
        /// The loss of a passage.
        case perplexity
        /// Not a measurement: the prompts of W8, one list of tokens to a line.
        case prompts
    }

    @Option(
        help: """
            The work: W1 reads a prompt of 512 tokens, W2 writes 128 tokens, W3 and W4 write 64 tokens of each of 8 and 32 \
            continuations of a prompt of 256 tokens, W5 is a training step of one sequence, W6 a GRPO step of one prompt, W6L \
            the same with LoRA, W7 a step of distillation of eight prompts, W8 writes on from many prompts, W9 searches vectors, embed makes \
            sentence vectors of the text's lines, kernels multiplies matrices of SmolLM2's shapes, perplexity is the loss of the first of \
            --prompts, and prompts prints what W8 reads.
            """
    )
    var workload: Workload

    @Option(name: [.short, .long], help: "A GGUF file or a Hugging Face folder; for all but W9 and kernels.")
    var model: String = ""

    @Option(
        help:
            "A text file to train on, whose beginning is the prompt, or whose lines are embedded; for W1 to W7 and embed."
    )
    var text: String = ""

    @Option(help: "The model that judges, for W7.")
    var teacher: String = ""

    @Option(help: "A folder with base.f32, queries.f32 and nearest.i32 (ten rows of the base for each query), for W9.")
    var vectors: String?

    @Flag(help: "Compare with every vector instead of walking a graph, for W9.")
    var exact = false

    @Option(help: "Numbers of a vector, for W9.")
    var dimension = 384

    @Option(help: "Candidates that a search of the graph keeps, for W9.")
    var searchWidth = 80

    @Option(help: "Links of a vector in the graph, for W9.")
    var links = 16

    @Option(help: "Candidates that an insertion into the graph keeps, for W9.")
    var buildWidth = 200

    @Option(help: "A file with a list of tokens to a line, as JSON; for W8 and perplexity.")
    var prompts: String?

    @Option(help: "A file of people, as `generate` reads it; for prompts.")
    var signals: String?

    @Option(help: "The longest prompt in tokens; for prompts.")
    var promptTokens = 220

    @Option(help: "How the model is asked: by examples or instruction; for prompts.")
    var style = PromptStyle.examples

    @Option(help: "The most signals that a prompt shows; for prompts.")
    var maxSignals = 16

    @Option(help: "Tokens of every list; for W8.")
    var newTokens = 40

    @Option(help: "Lists that are written together; for W8.")
    var together = 32

    @Option(help: "The only number format; for kernels.")
    var format: NumberFormat?

    @Option(help: "How many tokens of the text to train on.")
    var tokens = 512

    @Option(help: "Number format of matrix products: f32 or bf16.")
    var precision = MatrixPrecision.f32

    @Option(help: "How products with stored weights are computed, in W1 to W4, W8, kernels and perplexity.")
    var product = QuantizedProduct.exact

    @Option(help: "Number format of cached keys and values, in W1 to W4, W8, kernels and perplexity.")
    var cache = CacheFormat.f32

    @Option(help: "Train adapters of this rank on all linear layers instead of all weights.")
    var lora: Int?

    @Option(help: "Threads to compute with; one for each processor if not given.")
    var threads: Int?

    @Option(help: "Instruction level; the fastest of this processor if not given.")
    var level: InstructionLevel?

    @Option(help: "Steps before the first round.")
    var warmUp = 2

    @Option(help: "Steps of a round.")
    var steps = 5

    @Option(help: "How often to measure.")
    var rounds = 3

    func validate() throws {
        if tokens < 2 { throw ValidationError("--tokens must be at least 2") }
        if workload == .retrieval {
            if vectors == nil { throw ValidationError("W9 needs --vectors") }
            if dimension < 1 || searchWidth < 10 || links < 2 || buildWidth < 1 {
                throw ValidationError("--dimension, --search-width (10), --links (2) and --build-width are too small")
            }
        } else if workload != .kernels {
            if model.isEmpty { throw ValidationError("--model is missing") }
            switch workload {
            case .serving, .perplexity:
                if prompts == nil { throw ValidationError("\(workload.rawValue) needs --prompts") }
            case .prompts: if signals == nil { throw ValidationError("prompts needs --signals") }
            default: if text.isEmpty { throw ValidationError("--text is missing") }
            }
        }
        if workload == .distillation, teacher.isEmpty { throw ValidationError("W7 needs --teacher") }
        if newTokens < 1 || together < 1 || promptTokens < 1 {
            throw ValidationError("--new-tokens, --together and --prompt-tokens must be at least 1")
        }
        if warmUp < 1 || steps < 1 || rounds < 1 {
            throw ValidationError("--warm-up, --steps and --rounds must be at least 1")
        }
    }

    func run() async throws {
        switch workload {
        case .prefill, .decode, .group, .largeGroup: try measureGeneration()
        case .trainingStep: try measureTraining()
        case .policyStep, .adapterPolicyStep: try await measurePolicy()
        case .distillation: try await measureDistillation()
        case .serving: try await measureServing()
        case .retrieval: try await measureRetrieval()
        case .embedding: try await measureEmbedding()
        case .kernels: try measureKernels()
        case .perplexity: try measurePerplexity()
        case .prompts: try await printPrompts()
        }
    }

    private func measurePolicy() async throws {
        let context = try ComputeContext(options: try ComputeOptions(threads: threads, level: level))
        let benchmark = PolicyStepBenchmark(
            model: model,
            prompt: try promptTokens(context: context),
            format: precision,
            adapterRank: workload == .adapterPolicyStep ? lora ?? 16 : nil,
            compute: try ComputeOptions(threads: threads, level: level),
            warmUp: warmUp,
            steps: steps
        )
        try await benchmark.run(workload: workload.rawValue, rounds: rounds)
    }

    private func measureDistillation() async throws {
        let context = try ComputeContext(options: try ComputeOptions(threads: threads, level: level))
        let loaded = try loadModel(at: URL(fileURLWithPath: model), precision: .stored, context: context)
        let text = try prompt(of: loaded, count: DistillationBenchmark.promptCount * tokens)
        let benchmark = DistillationBenchmark(
            student: model,
            teacher: teacher,
            prompts: stride(from: 0, to: text.count, by: tokens).map { Array(text[$0..<$0 + tokens]) },
            format: precision,
            compute: try ComputeOptions(threads: threads, level: level),
            warmUp: warmUp,
            steps: steps
        )
        try await benchmark.run(rounds: rounds)
    }

    private func measureTraining() throws {
        let benchmark = try trainingStep()
        var firstLoss = 0.0
        for step in 0..<warmUp {
            let loss = try benchmark.step()
            if step == 0 { firstLoss = loss }
        }
        for _ in 0..<rounds {
            var rates: [Double] = []
            var loss = firstLoss
            for _ in 0..<steps {
                try Task.checkCancellation()
                let duration = try ContinuousClock().measure { loss = try benchmark.step() }
                rates.append(Double(tokens) / (duration / .seconds(1)))
            }
            try StandardOutput.write(
                Self.line(
                    BenchmarkRound(
                        workload: workload.rawValue,
                        format: (lora == nil ? "" : "lora-") + precision.rawValue,
                        unit: "tokens/s",
                        values: rates,
                        firstLoss: firstLoss,
                        lastLoss: loss,
                        trainedParameters: benchmark.parameterCount,
                        estimatedBytes: try estimatedBytes(benchmark.configuration),
                        peakResidentBytes: peakResidentBytes()
                    )
                )
            )
        }
    }

    private func estimatedBytes(_ configuration: DecoderConfiguration) throws -> Int {
        try TrainingMemoryEstimate(
            configuration: configuration,
            method: try lora.map { .adapters(try LoRAOptions(rank: $0, alpha: Float(2 * $0))) } ?? .full,
            rows: tokens,
            recomputesActivations: false
        ).total
    }

    private func trainingStep() throws -> TrainingStepBenchmark {
        let context = try ComputeContext(options: try ComputeOptions(threads: threads, level: level))
        let (decoder, encoded) = try decoderAndTokens(context: context)
        guard encoded.count >= tokens else {
            throw CommandFailure(
                message: "\(text) has \(encoded.count) tokens; \(tokens) are needed",
                code: CommandFailure.data
            )
        }
        return try TrainingStepBenchmark(
            decoder: decoder,
            tokens: Array(encoded.prefix(tokens)),
            precision: precision,
            context: context
        )
    }

    private func promptTokens(context: ComputeContext) throws -> [TokenID] {
        try prompt(
            of: try loadModel(at: URL(fileURLWithPath: model), precision: .stored, context: context),
            count: tokens
        )
    }

    func prompt(of loaded: LoadedModel, count: Int) throws -> [TokenID] {
        guard let tokenizer = loaded.tokenizer else {
            throw ModelError.missingFile(folder: model, name: "tokenizer.json")
        }
        guard let data = FileManager.default.contents(atPath: text) else {
            throw CommandFailure(message: "\(text) cannot be read", code: CommandFailure.missingInput)
        }
        let encoded = tokenizer.encode(String(decoding: data, as: UTF8.self))
        guard encoded.count >= count else {
            throw CommandFailure(
                message: "\(text) has \(encoded.count) tokens; \(count) are needed",
                code: CommandFailure.data
            )
        }
        return Array(encoded.prefix(count))
    }

    /// In a function of its own, so that the loaded model is gone before training takes its memory.
    private func decoderAndTokens(context: ComputeContext) throws -> (TrainableDecoder, [TokenID]) {
        // Frozen weights are computed with as they are, so they are brought to f32 once; trained ones are copied anyway.
        let precision: WeightPrecision = lora == nil ? .stored : .converted(.f32)
        let loaded = try loadModel(at: URL(fileURLWithPath: model), precision: precision, context: context)
        guard case .decoder(let configuration, let weights) = loaded.weights else {
            throw GenerationError.notADecoder(architecture: ModelInformation(loaded).architecture)
        }
        guard let tokenizer = loaded.tokenizer else {
            throw ModelError.missingFile(folder: model, name: "tokenizer.json")
        }
        guard let data = FileManager.default.contents(atPath: text) else {
            throw CommandFailure(message: "\(text) cannot be read", code: CommandFailure.missingInput)
        }
        let tokens = tokenizer.encode(String(decoding: data, as: UTF8.self))
        guard let lora else {
            return (try TrainableDecoder(configuration: configuration, weights: weights, context: context), tokens)
        }
        let options = try LoRAOptions(rank: lora, alpha: Float(2 * lora))
        return (
            try TrainableDecoder(configuration: configuration, weights: weights, lora: options, seed: 0), tokens
        )
    }
}
