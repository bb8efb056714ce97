// How much memory a training takes, known before anything is allocated.

package import IQModel
internal import IQTensor

/// The bytes that a training holds at its peak, part by part.
///
/// With P numbers in the model, A trained ones, T rows of a micro-batch, L layers, C width, Q = heads · head width,
/// K = key heads · head width, F feed-forward width and V vocabulary, all numbers being f32 (4 bytes):
/// - ``weights``: P, and A more with adapters;
/// - ``gradients``: A; ``moments``: 2 A;
/// - ``activations``: T · L · (2 C + 2 Q + 2 K + 2 F), more with norms on queries, keys and results; with recomputation
///   T · L · C and one layer's share;
/// - ``head``: n · (V + 4 C), n rows of logits at a time, at most 128 MiB;
/// - ``workspace``: the gradient at the stream, adapters' inputs, and two operands of products in bfloat16;
/// - ``fixed``: the program, the tokenizer and what the allocator keeps.
public struct TrainingMemoryEstimate: Sendable, Hashable, Codable {
    public let weights: Int
    public let gradients: Int
    public let moments: Int
    public let activations: Int
    public let head: Int
    public let workspace: Int
    public let fixed: Int

    /// All of it.
    public var total: Int { weights + gradients + moments + activations + head + workspace + fixed }

    /// An allowance for the program with its libraries, a tokenizer of 50,000 tokens, and the panels of matrix products.
    static let fixedBytes = 48 << 20

    package init(
        configuration: DecoderConfiguration,
        method: TrainingMethod,
        rows: Int,
        recomputesActivations: Bool
    ) throws(AdapterError) {
        let float = MemoryLayout<Float>.stride
        let all = DecoderParameter.all(in: configuration).reduce(0) {
            $0 + $1.shape(in: configuration).reduce(1, *)
        }
        var trained = all
        var adapterRows = 0
        let widest = max(
            configuration.feedForwardWidth,
            configuration.width,
            configuration.heads * configuration.headDimension
        )
        if let options = method.adapterOptions {
            trained = 0
            for site in try options.sites(in: configuration) {
                let shapes = DecoderAdapter.shapes(at: site, rank: options.rank, in: configuration)
                trained += shapes.down.reduce(1, *) + shapes.up.reduce(1, *)
            }
            adapterRows = 2 * options.rank + (options.dropout > 0 ? 2 * widest : 0)
        }
        weights = (method == .full ? all : all + trained) * float
        gradients = trained * float
        moments = AdamW.byteCount(parameters: trained)
        activations = DecoderTrainingPass.byteCount(
            configuration: configuration,
            rows: rows,
            recording: recomputesActivations ? .inputs : .activations
        )
        head = VocabularyHead.byteCount(configuration: configuration, rows: rows)
        workspace =
            rows * (configuration.width + adapterRows) * float
            + 2 * ComputeContext.roundedByteCount(rows: rows, columns: widest)
        fixed = Self.fixedBytes
    }
}

extension TrainingMemoryEstimate {
    /// Refuses a training that does not fit, with settings that would.
    ///
    /// - Parameter available: bytes that the system can still give; nil if it does not tell.
    /// - Throws: ``TrainingError/notEnoughMemory(needed:available:advice:)``.
    package static func check(
        configuration: DecoderConfiguration,
        settings: TrainingSettings,
        available: Int?
    ) throws -> TrainingMemoryEstimate {
        func estimate(_ method: TrainingMethod, _ rows: Int, _ recomputes: Bool) throws -> TrainingMemoryEstimate {
            try TrainingMemoryEstimate(
                configuration: configuration,
                method: method,
                rows: rows,
                recomputesActivations: recomputes
            )
        }
        let rows = settings.tokensPerMicroBatch
        let wanted = try estimate(settings.method, rows, settings.recomputesActivations)
        guard let available, wanted.total > available else { return wanted }
        var advice: [String] = []
        let fewer = min(rows, 256)
        let choices: [(String, TrainingMethod, Int, Bool)] = [
            ("recomputation of activations", settings.method, rows, true),
            ("\(fewer) tokens per micro-batch", settings.method, fewer, settings.recomputesActivations),
            ("recomputation and \(fewer) tokens per micro-batch", settings.method, fewer, true),
            ("adapters (LoRA)", .adapters(try LoRAOptions()), rows, settings.recomputesActivations),
            ("adapters (LoRA), recomputation and \(fewer) tokens", .adapters(try LoRAOptions()), fewer, true),
        ]
        for (name, method, rows, recomputes) in choices {
            let total = try estimate(method, rows, recomputes).total
            if total <= available { advice.append("\(name): \(megabytes(total))") }
        }
        throw TrainingError.notEnoughMemory(needed: wanted.total, available: available, advice: advice)
    }
}

/// Millions of bytes, in words.
func megabytes(_ bytes: Int) -> String { "\((bytes + 999_999) / 1_000_000) MB" }
